SELECT p.trace_id, k.app, k.namespace, f.event_time, f.gap_ms::double precision AS gap_ms, f.by_span, k.problem_key
FROM (SELECT DISTINCT trace_no, trace_id FROM picked WHERE trace_id = ANY(%(traces)s)) AS p
INNER JOIN first_error AS f ON f.trace_no = p.trace_no
INNER JOIN kind AS k ON k.kind_no = f.kind_no
ORDER BY p.trace_id, f.place

SELECT p.trace_id, k.app, k.namespace, f.event_time, f.gap_ms::double precision AS gap_ms, f.by_span, k.problem_key
FROM example AS p
INNER JOIN first_error AS f ON f.trace_no = p.trace_no
INNER JOIN kind AS k ON k.kind_no = f.kind_no
WHERE p.trace_id = ANY(%(traces)s)
ORDER BY p.trace_id, f.place

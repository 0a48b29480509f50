SELECT trace_id, app, namespace, event_time, gap_ms::double precision AS gap_ms, by_span, problem_key
FROM first_error
WHERE trace_id = ANY(%(traces)s)
ORDER BY trace_id, place

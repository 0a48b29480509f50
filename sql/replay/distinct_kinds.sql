-- Which kinds there are in a span.
SELECT DISTINCT e.namespace, e.fingerprint, e.problem_key
FROM ailog_peak.error_kind_counts AS e
WHERE e.window_start >= %(start)s AND e.window_start < %(end)s
ORDER BY e.namespace, e.fingerprint, e.problem_key

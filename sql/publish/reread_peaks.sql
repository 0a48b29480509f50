SELECT
    p.incident_id::text AS incident_id, p.window_start, p.namespace, p.problem_key, p.original_value, p.severity, p.score,
    p.is_spike, p.is_burst, p.is_new, p.is_regression, p.is_cascade, p.is_cross_namespace, p.is_silence, p.is_escalating
FROM ailog_peak.peak_investigation AS p
WHERE p.window_start = ANY(%(reread)s)
ORDER BY p.window_start, p.namespace, p.problem_key

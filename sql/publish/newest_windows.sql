SELECT DISTINCT ON (p.incident_id) p.incident_id, p.original_value, p.namespace_total, p.baseline_mean, p.threshold
FROM ailog_peak.peak_investigation AS p
WHERE p.incident_id = ANY(%(incidents)s) AND p.window_start = ANY(%(windows)s)
ORDER BY p.incident_id, p.window_start DESC

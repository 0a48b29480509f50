-- Windows before the span of incidents that were going on when it began.
SELECT p.problem_key, p.namespace, p.window_start AS last_window, p.original_value AS opening_count
FROM ailog_peak.peak_investigation AS p
INNER JOIN ailog_peak.incidents AS i ON i.incident_id = p.incident_id
WHERE i.last_window >= %(first)s::timestamptz - make_interval(mins => %(quiet_minutes)s + 15) AND p.window_start < %(first)s
ORDER BY p.window_start, p.namespace, p.problem_key

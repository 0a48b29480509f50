-- Incidents that were going on when the run's first window began, with the count of the window that opened them.
SELECT DISTINCT ON (p.problem_key, p.namespace)
    p.problem_key, p.namespace, p.window_start AS last_window,
    (
        SELECT o.original_value FROM ailog_peak.peak_investigation AS o
        WHERE o.incident_id = p.incident_id ORDER BY o.window_start LIMIT 1
    ) AS opening_count
FROM ailog_peak.peak_investigation AS p
INNER JOIN ailog_peak.incidents AS i ON i.incident_id = p.incident_id
WHERE
    p.window_start < %(first)s
    AND p.window_start >= %(first)s::timestamptz - make_interval(mins => %(quiet_minutes)s + 15)
    AND (i.status <> 'resolved' OR i.resolved_by = 'quiet')
ORDER BY p.problem_key, p.namespace, p.window_start DESC

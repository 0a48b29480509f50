-- Windows of incidents as they are stored.
SELECT p.*
FROM ailog_peak.peak_investigation AS p
WHERE p.window_start >= %(start)s AND p.window_start < %(end)s
ORDER BY p.window_start, p.namespace, p.problem_key

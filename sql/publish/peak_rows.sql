SELECT p.*
FROM ailog_peak.peak_investigation AS p
WHERE
    p.incident_id = ANY(%(incidents)s)
    OR p.window_start >= %(first)s::timestamptz - make_interval(mins => %(quiet_minutes)s + 15)
    AND p.window_start <= %(last)s::timestamptz + make_interval(mins => %(quiet_minutes)s + 15)
ORDER BY p.window_start, p.namespace, p.problem_key

SELECT e.problem_key, e.environment, max(e.window_start) AS last_seen
FROM ailog_peak.error_kind_counts AS e
WHERE
    e.problem_key = ANY(%(problems)s)
    AND e.window_start >= %(first)s::timestamptz - make_interval(days => %(days)s)
    AND e.window_start < %(first)s
GROUP BY e.problem_key, e.environment
ORDER BY e.problem_key, e.environment

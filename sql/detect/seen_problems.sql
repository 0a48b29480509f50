-- Problems of the run that the look-back knows: before the judged day (no window), or from a window of it on.
SELECT
    e.problem_key, e.environment,
    CASE WHEN min(e.window_start) >= %(day)s THEN min(e.window_start) END AS window_start,
    max(e.window_start) AS last_seen
FROM ailog_peak.seen_kinds AS e
WHERE
    e.problem_key = ANY(%(problems)s)
    AND e.window_start >= %(day)s::timestamptz - make_interval(days => %(days)s)
    AND e.window_start < %(last)s
    AND e.window_start <> ALL(%(windows)s)
GROUP BY e.problem_key, e.environment
ORDER BY e.problem_key, e.environment

-- Windows after which a new level was taken as usual: as the run judged its own, and as is on record of those around it.
SELECT d.window_start, d.namespace, d.problem_key
FROM ailog_staging.detection AS d
WHERE d.run_no = %(run_no)s AND d.window_start = ANY(%(windows)s) AND d.evidence @> '{"level_accepted": true}'
UNION ALL
SELECT e.window_start, e.namespace, e.problem_key
FROM ailog_peak.detection_events AS e
WHERE
    e.evidence @> '{"level_accepted": true}'
    AND e.window_start >= %(first)s::timestamptz - make_interval(days => %(days)s) AND e.window_start < %(last)s
    AND e.window_start <> ALL(%(windows)s)
ORDER BY window_start, namespace, problem_key

-- Windows after which a new level was taken as usual, as is on record.
SELECT e.window_start, e.namespace, e.problem_key
FROM ailog_peak.detection_events AS e
WHERE e.evidence @> '{"level_accepted": true}' AND e.window_start >= %(start)s AND e.window_start < %(end)s
ORDER BY e.window_start, e.namespace, e.problem_key

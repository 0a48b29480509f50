-- Complete windows of the look-back that the run does not read itself: how many before the judged day, and which of it. Imported totals
-- know no kinds: their windows do not count.
SELECT
    (count(*) FILTER (WHERE w.window_start < %(day)s))::bigint AS windows,
    coalesce(array_agg(w.window_start ORDER BY w.window_start) FILTER (WHERE w.window_start >= %(day)s), '{}') AS today
FROM ailog_peak.analysis_run_windows AS w
WHERE
    w.status = 'complete' AND w.window_start >= %(day)s::timestamptz - make_interval(days => %(days)s) AND w.window_start < %(last)s
    AND w.window_start <> ALL(%(windows)s)
    AND NOT EXISTS (SELECT 1 FROM ailog_peak.imported_windows AS i WHERE i.window_start = w.window_start)

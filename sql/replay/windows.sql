-- Complete windows by UTC day: all, and those of which kinds are known (imported totals know none).
SELECT
    (date_trunc('day', w.window_start, 'UTC') AT TIME ZONE 'UTC')::date AS day, count(*)::integer AS complete,
    (count(*) FILTER (WHERE i.window_start IS NULL))::integer AS with_kinds
FROM ailog_peak.analysis_run_windows AS w
LEFT JOIN ailog_peak.imported_windows AS i ON i.window_start = w.window_start
WHERE w.status = 'complete' AND w.window_start >= %(start)s AND w.window_start < %(end)s
GROUP BY 1
ORDER BY 1

-- The windows of a day that no run analysed completely: missing, partial or failed.
SELECT g.window_start, coalesce(w.status, 'missing') AS status
FROM generate_series(%(start)s::timestamptz, %(end)s::timestamptz - interval '15 minutes', interval '15 minutes') AS g (window_start)
LEFT JOIN ailog_peak.analysis_run_windows AS w ON w.window_start = g.window_start
WHERE w.status IS DISTINCT FROM 'complete'
ORDER BY g.window_start

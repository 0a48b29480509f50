-- Windows that were not read whole.
SELECT w.window_start
FROM ailog_peak.analysis_run_windows AS w
WHERE w.status <> 'complete' AND w.window_start >= %(start)s AND w.window_start < %(end)s
ORDER BY w.window_start

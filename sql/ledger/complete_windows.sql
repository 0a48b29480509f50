SELECT window_start FROM ailog_peak.analysis_run_windows
WHERE status = 'complete' AND window_start >= %(start)s AND window_start < %(end)s
ORDER BY window_start

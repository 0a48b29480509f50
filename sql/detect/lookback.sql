SELECT count(*)::bigint AS windows
FROM ailog_peak.analysis_run_windows
WHERE status = 'complete' AND window_start >= %(first)s::timestamptz - make_interval(days => %(days)s) AND window_start < %(first)s

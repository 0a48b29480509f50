SELECT greatest(max(window_start) + interval '15 minutes', %(end)s) AS analysed_until
FROM ailog_peak.analysis_run_windows WHERE status = 'complete'

-- The end of the newest window that was read completely.
SELECT max(w.window_start) + interval '15 minutes' AS as_of
FROM ailog_peak.analysis_run_windows AS w
WHERE w.status = 'complete'

-- Windows that a complete run has the last word on; a partial run does not take it away.
SELECT w.window_start
FROM ailog_peak.analysis_run_windows AS w
INNER JOIN ailog_peak.analysis_runs AS r ON r.run_id = w.run_id
WHERE w.window_start = ANY(%(windows)s) AND w.status = 'complete'

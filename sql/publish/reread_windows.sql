-- Windows of the run that a complete run judged before.
SELECT w.window_start
FROM ailog_peak.analysis_run_windows AS w
INNER JOIN ailog_peak.analysis_runs AS r ON r.run_id = w.run_id
WHERE w.window_start = ANY(%(windows)s) AND w.status = 'complete' AND r.verdict <> 'baseline'
ORDER BY w.window_start

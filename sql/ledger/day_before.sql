-- How whole a span of windows is: those that were read, those with a final word or in the baseline; beside them the first window ever planned.
SELECT
    count(*) FILTER (WHERE w.status = 'complete') AS complete,
    count(*) FILTER (WHERE w.status = 'complete' AND r.verdict IN ('final', 'baseline')) AS final,
    (SELECT min(f.window_from) FROM ailog_peak.analysis_runs AS f) AS first_window
FROM ailog_peak.analysis_run_windows AS w
INNER JOIN ailog_peak.analysis_runs AS r ON r.run_id = w.run_id
WHERE w.window_start >= %(start)s AND w.window_start < %(end)s

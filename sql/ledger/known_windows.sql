-- The windows of a span that have a complete run, and the first window ever analysed.
SELECT
    coalesce(array_agg(w.window_start) FILTER (WHERE w.status = 'complete' AND w.window_start >= %(start)s), '{}') AS complete,
    (SELECT min(f.window_start) FROM ailog_peak.analysis_run_windows AS f) AS first_window
FROM ailog_peak.analysis_run_windows AS w
WHERE w.window_start >= %(start)s AND w.window_start < %(end)s

-- What the sources held when windows of a span were last read, of windows that have no final word yet.
SELECT s.source, s.window_start, s.expected
FROM ailog_peak.analysis_window_sources AS s
INNER JOIN ailog_peak.analysis_run_windows AS w ON w.window_start = s.window_start
INNER JOIN ailog_peak.analysis_runs AS r ON r.run_id = w.run_id
WHERE
    s.window_start >= %(start)s AND s.window_start < %(end)s
    AND w.status = 'complete' AND r.verdict = 'provisional'
ORDER BY s.source, s.window_start

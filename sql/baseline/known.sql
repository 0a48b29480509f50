-- Windows that somebody read: an import takes none of them. Those of an earlier import are not among them.
SELECT w.window_start
FROM ailog_peak.analysis_run_windows AS w
WHERE
    w.window_start >= %(start)s AND w.window_start < %(end)s AND w.status = 'complete'
    AND NOT EXISTS (SELECT 1 FROM ailog_peak.imported_windows AS i WHERE i.window_start = w.window_start)

-- Every window of a span: what the ledger says of it (null: never read), whose word it is, and whether a count is an estimate.
SELECT g.window_start, w.run_id, w.status, r.verdict, w.expected, w.stored,
    (SELECT bool_or(n.estimated) FROM ailog_peak.namespace_error_counts AS n WHERE n.window_start = g.window_start) AS estimated
FROM generate_series(%(since)s::timestamptz, %(until)s::timestamptz - interval '15 minutes', interval '15 minutes') AS g (window_start)
LEFT JOIN ailog_peak.analysis_run_windows AS w ON w.window_start = g.window_start
LEFT JOIN ailog_peak.analysis_runs AS r ON r.run_id = w.run_id
ORDER BY g.window_start

-- The runs whose word counts for the windows of a day, with their ledger figures.
SELECT
    r.run_id, r.kind, r.verdict, r.status, r.window_from, r.window_to, r.expected, r.fetched, r.rejected, r.stored, r.sampled, r.unknown_share,
    r.error, count(*)::integer AS windows
FROM ailog_peak.analysis_run_windows AS w
INNER JOIN ailog_peak.analysis_runs AS r ON r.run_id = w.run_id
WHERE w.window_start >= %(start)s AND w.window_start < %(end)s
GROUP BY r.run_id
ORDER BY r.window_from, r.run_id

-- What the run counted: per namespace the errors, whether all of its windows were read completely, and whether a count is an estimate.
SELECT
    n.namespace, sum(n.count)::bigint AS errors, bool_and(n.complete) AS complete, bool_or(n.estimated) AS estimated
FROM ailog_peak.namespace_error_counts AS n
INNER JOIN ailog_peak.analysis_run_windows AS w ON w.window_start = n.window_start
WHERE w.run_id = %(run_id)s
GROUP BY n.namespace
ORDER BY n.namespace

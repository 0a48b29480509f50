-- What the run (without one: the span) counted: per namespace the errors, whether all of its windows were read completely, and whether a count is an estimate.
SELECT
    n.namespace, sum(n.count)::bigint AS errors, bool_and(n.complete) AS complete, bool_or(n.estimated) AS estimated,
    count(*)::integer AS windows, max(n.count) AS largest,
    (array_agg(n.window_start ORDER BY n.count DESC, n.window_start))[1] AS largest_window
FROM ailog_peak.namespace_error_counts AS n
INNER JOIN ailog_peak.analysis_run_windows AS w ON w.window_start = n.window_start
WHERE
    w.window_start >= %(since)s AND w.window_start < %(until)s
    AND n.window_start >= %(since)s AND n.window_start < %(until)s
    AND (%(run_id)s::uuid IS NULL OR w.run_id = %(run_id)s::uuid)
GROUP BY n.namespace
ORDER BY n.namespace

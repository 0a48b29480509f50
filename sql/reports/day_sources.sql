-- The sources of the runs that have the word on a span, over all of these runs.
SELECT
    s.source,
    CASE WHEN bool_and(s.status = 'complete') THEN 'complete' ELSE 'failed' END AS status,
    sum(s.expected)::bigint AS expected, sum(s.fetched)::bigint AS fetched, sum(s.rejected)::bigint AS rejected,
    sum(s.repaired)::bigint AS repaired, bool_or(s.sampled) AS sampled,
    string_agg(DISTINCT s.error, '; ' ORDER BY s.error) AS error
FROM ailog_peak.analysis_run_sources AS s
WHERE
    s.run_id IN (
        SELECT w.run_id FROM ailog_peak.analysis_run_windows AS w
        WHERE w.window_start >= %(since)s AND w.window_start < %(until)s
    )
GROUP BY s.source
ORDER BY s.source

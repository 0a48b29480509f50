-- Totals of each namespace over a span.
SELECT
    n.namespace,
    count(*) AS windows,
    count(*) FILTER (WHERE n.complete) AS complete_windows,
    sum(n.count)::bigint AS count,
    sum(n.document_count)::bigint AS documents,
    max(n.count) AS max_count,
    (array_agg(n.window_start ORDER BY n.count DESC, n.window_start ASC))[1] AS max_window,
    bool_or(n.estimated) AS estimated
FROM ailog_peak.namespace_error_counts AS n
WHERE
    (%(since)s::timestamptz IS NULL OR n.window_start >= %(since)s)
    AND (%(until)s::timestamptz IS NULL OR n.window_start < %(until)s)
GROUP BY n.namespace
ORDER BY sum(n.count) DESC, n.namespace ASC

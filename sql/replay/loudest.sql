-- The largest window of each namespace and UTC day, of errors and of records of any level.
COPY (
    SELECT (extract(epoch FROM x.day) / 86400)::integer, x.namespace, max(x.count), max(x.document_count)
    FROM (
        SELECT date_trunc('day', n.window_start, 'UTC') AS day, n.namespace, n.count, n.document_count
        FROM ailog_peak.namespace_error_counts AS n
        WHERE n.window_start >= %(start)s AND n.window_start < %(end)s AND n.complete
    ) AS x
    GROUP BY x.day, x.namespace
) TO STDOUT (FORMAT csv)

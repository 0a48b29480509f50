-- Totals of some windows, by quarter hour since the epoch.
COPY (
    SELECT (extract(epoch FROM n.window_start) / 900)::integer, n.namespace, n.count, n.document_count, n.complete::integer, n.estimated::integer
    FROM ailog_peak.namespace_error_counts AS n
    WHERE n.window_start >= %(start)s AND n.window_start < %(end)s
    ORDER BY n.window_start, n.namespace
) TO STDOUT (FORMAT csv)

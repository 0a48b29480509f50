-- Totals of some windows as lines of CSV, one text a window: quarter hour since the epoch, namespace, count, documents, complete, estimated.
SELECT
    convert_to(
        string_agg(
            concat_ws(
                ',', (extract(epoch FROM n.window_start) / 900)::integer, '"' || replace(n.namespace, '"', '""') || '"', n.count,
                coalesce(n.document_count::text, ''), n.complete::integer, n.estimated::integer
            ),
            E'\n' ORDER BY n.namespace
        ),
        'UTF8'
    ) AS lines
FROM ailog_peak.namespace_error_counts AS n
WHERE n.window_start >= %(start)s AND n.window_start < %(end)s
GROUP BY n.window_start
ORDER BY n.window_start

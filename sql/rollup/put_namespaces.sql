INSERT INTO ailog_peak.daily_namespace_rollups (
    date, namespace, source, error_count, document_count, windows, complete_windows, largest_window, estimated, first_window, last_window
)
SELECT
    %(date)s::date, n.namespace, %(source)s, sum(n.count), sum(n.document_count), count(*), count(*) FILTER (WHERE n.complete), max(n.count),
    bool_or(n.estimated), min(n.window_start), max(n.window_start)
FROM ailog_peak.namespace_error_counts AS n
WHERE n.window_start >= %(start)s AND n.window_start < %(end)s
GROUP BY n.namespace

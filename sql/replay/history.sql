-- Complete windows of some namespaces.
SELECT n.window_start, n.namespace, n.count, n.document_count AS documents
FROM ailog_peak.namespace_error_counts AS n
WHERE
    n.window_start >= %(start)s AND n.window_start < %(end)s AND n.complete AND n.namespace = ANY(%(namespaces)s)
ORDER BY n.window_start, n.namespace

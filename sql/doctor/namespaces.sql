-- Namespaces that said anything at all in the last days.
SELECT DISTINCT n.namespace
FROM ailog_peak.namespace_error_counts AS n
WHERE n.window_start >= %(since)s AND (n.count > 0 OR n.document_count > 0)
ORDER BY n.namespace

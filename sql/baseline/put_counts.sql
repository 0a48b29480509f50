INSERT INTO ailog_peak.namespace_error_counts (window_start, namespace, run_id, count, document_count, complete, estimated)
SELECT c.window_start, c.namespace, %(run_id)s, c.count, NULL, true, false
FROM unnest(%(starts)s::timestamptz[], %(namespaces)s::text[], %(counts)s::bigint[]) AS c (window_start, namespace, count)

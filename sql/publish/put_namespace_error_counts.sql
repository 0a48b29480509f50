INSERT INTO ailog_peak.namespace_error_counts (window_start, namespace, run_id, count, document_count, complete, estimated)
SELECT n.window_start, n.namespace, %(run_id)s, n.count, n.documents, n.complete, n.estimated
FROM ailog_staging.namespace_count AS n
WHERE n.run_no = %(run_no)s AND n.window_start = ANY(%(windows)s)

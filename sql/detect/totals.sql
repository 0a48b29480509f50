SELECT window_start, namespace, count, documents, complete, estimated
FROM ailog_staging.namespace_count
WHERE run_no = %(run_no)s
ORDER BY window_start, namespace

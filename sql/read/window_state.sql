-- What is known of a namespace in a window: the word of the ledger and the total; nulls where there is none.
SELECT w.status, w.run_id::text AS run_id, n.count, n.document_count, n.complete, n.estimated
FROM (SELECT %(window_start)s::timestamptz AS window_start) AS asked
LEFT JOIN ailog_peak.analysis_run_windows AS w ON w.window_start = asked.window_start
LEFT JOIN ailog_peak.namespace_error_counts AS n ON n.window_start = asked.window_start AND n.namespace = %(namespace)s

-- Counts of some namespaces, with the windows that the run reads itself as it read them.
SELECT n.window_start, n.namespace, n.count, n.complete
FROM ailog_peak.namespace_error_counts AS n
WHERE
    n.window_start >= %(start)s AND n.window_start < %(end)s AND n.namespace = ANY(%(namespaces)s)
    AND n.window_start <> ALL(%(windows)s)
UNION ALL
SELECT s.window_start, s.namespace, s.count, s.complete
FROM ailog_staging.namespace_count AS s
WHERE
    s.run_no = %(run_no)s AND s.window_start >= %(start)s AND s.window_start < %(end)s
    AND s.namespace = ANY(%(namespaces)s)

-- Complete windows around the judged ones that the run does not read itself, from 75 minutes before the first of them.
SELECT n.window_start, n.namespace, n.count, n.document_count AS documents
FROM ailog_peak.namespace_error_counts AS n
WHERE
    n.window_start >= %(first)s::timestamptz - interval '75 minutes' AND n.window_start < %(last)s
    AND n.complete AND n.window_start <> ALL(%(windows)s)
UNION ALL
SELECT s.window_start, s.namespace, s.count, s.documents
FROM ailog_staging.namespace_count AS s
WHERE
    s.run_no = %(run_no)s AND s.complete
    AND s.window_start >= %(first)s::timestamptz - interval '75 minutes' AND s.window_start < %(first)s
ORDER BY window_start, namespace

-- Namespaces with windows in the span, and how many rows each has.
SELECT n.namespace, count(*) AS windows
FROM ailog_peak.namespace_error_counts AS n
WHERE n.window_start >= %(start)s AND n.window_start < %(as_of)s
GROUP BY n.namespace
ORDER BY n.namespace

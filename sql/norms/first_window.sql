-- The first complete window that there is from some time on.
SELECT min(n.window_start) FROM ailog_peak.namespace_error_counts AS n
WHERE n.window_start >= %(start)s AND n.complete

SELECT DISTINCT namespace
FROM ailog_peak.namespace_error_counts
WHERE window_start >= %(start)s::timestamptz - interval '8 days' AND window_start < %(end)s

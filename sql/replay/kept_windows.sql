-- The first and the last complete window before a moment that counts are kept of.
SELECT min(n.window_start), max(n.window_start)
FROM ailog_peak.namespace_error_counts AS n
WHERE n.complete AND n.window_start < %(end)s

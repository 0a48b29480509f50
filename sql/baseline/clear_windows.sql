-- What an import said of these windows before. Of a run that read them in part, the import takes the place.
DELETE FROM ailog_peak.namespace_error_counts AS n
WHERE n.window_start = ANY(%(window_starts)s)

DELETE FROM ailog_peak.namespace_error_counts WHERE window_start = ANY(%(windows)s)

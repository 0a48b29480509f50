DELETE FROM ailog_peak.error_kind_counts WHERE window_start = ANY(%(windows)s)

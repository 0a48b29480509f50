DELETE FROM ailog_peak.cascade_failures WHERE window_start = ANY(%(windows)s)

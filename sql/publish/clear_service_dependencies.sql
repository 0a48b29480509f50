DELETE FROM ailog_peak.service_dependencies WHERE window_start = ANY(%(windows)s)

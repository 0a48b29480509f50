DELETE FROM ailog_peak.service_health WHERE window_start = ANY(%(windows)s)

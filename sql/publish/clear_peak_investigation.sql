DELETE FROM ailog_peak.peak_investigation WHERE window_start = ANY(%(windows)s)

DELETE FROM ailog_peak.detection_events WHERE window_start = ANY(%(windows)s)

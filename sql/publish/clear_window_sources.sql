DELETE FROM ailog_peak.analysis_window_sources WHERE window_start = ANY(%(windows)s)

DELETE FROM ailog_peak.run_reports WHERE path = ANY(%(paths)s)

SELECT s.* FROM ailog_peak.analysis_run_sources AS s WHERE s.run_id = %(run_id)s ORDER BY s.source

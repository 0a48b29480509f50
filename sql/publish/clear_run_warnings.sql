DELETE FROM ailog_peak.run_warnings WHERE run_id = %(run_id)s

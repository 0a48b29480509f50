SELECT r.* FROM ailog_peak.analysis_runs AS r WHERE r.run_id = %(run_id)s

SELECT status FROM ailog_peak.analysis_runs WHERE run_id = %(run_id)s

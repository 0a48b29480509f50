SELECT r.run_id, r.kind, r.status, r.window_from, r.window_to FROM ailog_peak.analysis_runs AS r WHERE r.run_id = %(run_id)s

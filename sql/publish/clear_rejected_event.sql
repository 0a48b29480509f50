DELETE FROM ailog_peak.rejected_event WHERE run_id = %(run_id)s

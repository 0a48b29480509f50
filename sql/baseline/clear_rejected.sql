DELETE FROM ailog_peak.rejected_event AS r WHERE r.run_id = %(run_id)s AND r.source = 'import'

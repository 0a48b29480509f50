DELETE FROM ailog_peak.incident_amendments WHERE incident_id = %(incident_id)s AND run_id = %(run_id)s AND day = %(day)s

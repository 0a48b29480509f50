UPDATE ailog_peak.incidents AS i SET note = %(note)s WHERE i.incident_id = %(incident_id)s

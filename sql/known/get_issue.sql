SELECT k.* FROM ailog_peak.known_issues AS k WHERE k.issue_id = %(issue_id)s FOR UPDATE

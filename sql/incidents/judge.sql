UPDATE ailog_peak.incidents AS i SET useful = %(useful)s, judged_by = %(by)s, judged_at = %(now)s, note = coalesce(%(note)s, i.note)
WHERE i.incident_id = %(incident_id)s

UPDATE ailog_peak.incidents AS i SET status = 'resolved', resolved_at = %(now)s, resolved_by = %(by)s, fixed_in = %(fixed_in)s,
    note = coalesce(%(note)s, i.note)
WHERE i.incident_id = %(incident_id)s

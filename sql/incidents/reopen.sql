UPDATE ailog_peak.incidents AS i SET
    status = 'open', resolved_at = NULL, resolved_by = NULL, fixed_in = NULL, acknowledged_at = NULL, acknowledged_by = NULL, acknowledged_severity = NULL,
    acknowledged_count = NULL, note = coalesce(%(note)s, i.note)
WHERE i.incident_id = %(incident_id)s

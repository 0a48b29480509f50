UPDATE ailog_peak.incidents AS i SET
    status = 'acknowledged', acknowledged_at = %(now)s, acknowledged_by = %(by)s, acknowledged_severity = i.severity,
    acknowledged_count = i.peak_count, note = coalesce(%(note)s, i.note)
WHERE i.incident_id = %(incident_id)s

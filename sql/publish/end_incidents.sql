UPDATE ailog_peak.incidents AS i SET status = 'resolved', resolved_at = %(end)s, resolved_by = 'amended'
WHERE
    i.incident_id = ANY(%(incidents)s) AND i.status <> 'resolved'
    AND NOT EXISTS (SELECT 1 FROM ailog_peak.peak_investigation AS p WHERE p.incident_id = i.incident_id)

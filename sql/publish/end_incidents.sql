-- What somebody was told of, or touched, stays on record; what a person declared over stays theirs.
UPDATE ailog_peak.incidents AS i SET status = 'resolved', resolved_at = %(end)s, resolved_by = 'amended'
WHERE
    i.incident_id = ANY(%(incidents)s) AND (i.status <> 'resolved' OR i.resolved_by = 'quiet')
    AND NOT EXISTS (SELECT 1 FROM ailog_peak.peak_investigation AS p WHERE p.incident_id = i.incident_id)

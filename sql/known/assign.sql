UPDATE ailog_peak.incidents AS i SET known_issue_id = u.issue_id
FROM unnest(%(incidents)s::uuid[], %(issues)s::text[]) AS u (incident_id, issue_id)
WHERE i.incident_id = u.incident_id AND i.known_issue_id IS NULL

UPDATE ailog_peak.incidents AS i SET known_issue_id = u.issue_id, known_issue_match = u.confidence
FROM unnest(%(incidents)s::uuid[], %(issues)s::text[], %(confidences)s::text[]) AS u (incident_id, issue_id, confidence)
WHERE i.incident_id = u.incident_id AND i.known_issue_id IS NULL

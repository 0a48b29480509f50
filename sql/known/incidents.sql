-- The newest incidents that were matched with an issue, and how sure that is.
SELECT
    i.incident_id::text AS incident_id, i.namespace, i.problem_key, i.status, i.severity, i.opened_window, i.last_window, i.event_count,
    i.known_issue_match AS confidence, i.flags
FROM ailog_peak.incidents AS i
WHERE i.known_issue_id = %(issue_id)s
ORDER BY i.last_window DESC, i.namespace, i.incident_id
LIMIT %(limit)s

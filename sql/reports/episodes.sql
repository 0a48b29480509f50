-- Incidents that were going on in a span, gravest first: when, where, what.
SELECT i.incident_id, i.namespace, i.problem_key, i.severity, i.score, i.status, i.opened_window, i.last_window
FROM ailog_peak.incidents AS i
WHERE i.last_window >= %(since)s AND i.opened_window < %(until)s
ORDER BY i.score DESC, i.opened_window, i.namespace, i.problem_key
LIMIT %(limit)s

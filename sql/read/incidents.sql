-- Incidents that were going on between two moments, newest first.
SELECT
    i.incident_id::text AS incident_id, i.namespace, i.environment, i.problem_key, i.status, i.severity, i.score, i.flags, i.reason,
    i.opened_window, i.last_window, i.resolved_at, i.resolved_by, i.first_event, i.last_event,
    i.windows, i.event_count, i.peak_count, i.estimated, i.apps, i.fingerprints, i.sample, i.root_cause, i.known_issue_id, i.known_issue_match, i.known_peak_id,
    i.known_peak_seen, i.regression_of::text AS regression_of, i.verdict,
    i.acknowledged_by, i.acknowledged_at, i.note, i.useful, i.judged_by, i.judged_at
FROM ailog_peak.incidents AS i
WHERE
    (%(since)s::timestamptz IS NULL OR i.last_window >= %(since)s)
    AND (%(until)s::timestamptz IS NULL OR i.opened_window < %(until)s)
    AND (%(namespace)s::text IS NULL OR i.namespace = %(namespace)s)
    AND (%(open_only)s = false OR i.status <> 'resolved')
    AND i.score >= %(min_score)s
ORDER BY i.last_window DESC, i.score DESC, i.namespace ASC, i.problem_key ASC
LIMIT %(limit)s

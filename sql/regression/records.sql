-- What is known of incidents from before: the known peak, and the incident that came back.
SELECT
    i.incident_id, i.known_issue_match, i.known_peak_id, i.known_peak_seen, i.regression_of,
    CASE WHEN k.peak_id IS NOT NULL THEN jsonb_build_object(
        'since', k.first_seen, 'minutes', coalesce(k.typical_minutes, k.usual_minutes), 'mitigation', k.mitigation, 'ticket', k.ticket,
        'owner', k.owner, 'status', k.status
    ) END AS known_peak,
    CASE WHEN e.incident_id IS NOT NULL THEN jsonb_build_object(
        'namespace', e.namespace, 'resolved_by', e.resolved_by, 'resolved_at', e.resolved_at, 'last_window', e.last_window
    ) END AS earlier
FROM ailog_peak.incidents AS i
LEFT JOIN ailog_peak.known_peaks AS k ON k.peak_id = i.known_peak_id
LEFT JOIN ailog_peak.incidents AS e ON e.incident_id = i.regression_of
WHERE i.incident_id = ANY(%(incidents)s)

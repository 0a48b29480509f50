-- The incidents that hold a window of a namespace, with what the window is to them.
SELECT
    i.incident_id::text AS incident_id, i.problem_key, i.status, i.severity, i.score, i.contributions, i.flags, i.reason, i.verdict,
    i.opened_window, i.last_window, i.windows, i.event_count, i.resolved_at, i.resolved_by, i.acknowledged_by, i.useful, i.judged_by, i.note,
    i.known_issue_id, p.original_value AS window_count, p.severity AS window_severity, p.score AS window_score,
    p.contributions AS window_contributions, p.reason AS window_reason, p.is_continuation
FROM ailog_peak.peak_investigation AS p
INNER JOIN ailog_peak.incidents AS i ON i.incident_id = p.incident_id
WHERE p.window_start = %(window_start)s AND p.namespace = %(namespace)s
ORDER BY p.score DESC, i.problem_key ASC

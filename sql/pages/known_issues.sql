-- Known issues, those still open first, with how often and when they were met.
SELECT
    k.issue_id, k.title, k.status, k.ticket, k.owner, k.workaround, k.permanent_fix, k.fixed_in,
    count(i.incident_id)::integer AS incidents, max(i.last_event) AS last_event
FROM ailog_peak.known_issues AS k
LEFT JOIN ailog_peak.incidents AS i ON i.known_issue_id = k.issue_id
GROUP BY k.issue_id
ORDER BY k.status IN ('resolved', 'wont_fix'), max(i.last_event) DESC NULLS LAST, k.issue_id

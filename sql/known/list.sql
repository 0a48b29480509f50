SELECT
    k.issue_id, k.title, k.status, k.fingerprint, k.related, k.category, k.apps, k.namespaces, k.pattern, k.ticket, k.owner, k.workaround,
    k.permanent_fix, k.fixed_in, k.notes, k.created_at, k.resolved_at, k.resolved_by,
    (SELECT count(*) FROM ailog_peak.incidents AS i WHERE i.known_issue_id = k.issue_id) AS incidents
FROM ailog_peak.known_issues AS k
ORDER BY k.status IN ('resolved', 'wont_fix'), k.issue_id

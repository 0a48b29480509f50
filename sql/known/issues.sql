SELECT k.issue_id, k.title, k.fingerprint, k.related, k.category, k.apps, k.namespaces, k.pattern, k.status
FROM ailog_peak.known_issues AS k
ORDER BY k.issue_id

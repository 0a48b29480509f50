INSERT INTO ailog_peak.known_issues (
    issue_id, title, fingerprint, related, category, apps, namespaces, pattern, ticket, owner, status, workaround, permanent_fix, notes
)
VALUES (
    %(issue_id)s, %(title)s, %(fingerprint)s, %(related)s, %(category)s, %(apps)s, %(namespaces)s, %(pattern)s, %(ticket)s, %(owner)s,
    %(status)s, %(workaround)s, %(permanent_fix)s, %(notes)s
)
ON CONFLICT (issue_id) DO NOTHING

UPDATE ailog_peak.known_issues AS k SET
    title = %(title)s, fingerprint = %(fingerprint)s, related = %(related)s, category = %(category)s, apps = %(apps)s,
    namespaces = %(namespaces)s, pattern = %(pattern)s, ticket = %(ticket)s, owner = %(owner)s, status = %(status)s,
    workaround = %(workaround)s, permanent_fix = %(permanent_fix)s, fixed_in = %(fixed_in)s, notes = %(notes)s
WHERE k.issue_id = %(issue_id)s

UPDATE ailog_peak.known_issues AS k SET status = %(status)s, fixed_in = NULL, resolved_at = NULL, resolved_by = NULL
WHERE k.issue_id = %(subject)s

UPDATE ailog_peak.known_issues AS k SET status = 'resolved', fixed_in = %(fixed_in)s, resolved_at = %(at)s, resolved_by = %(by)s
WHERE k.issue_id = %(subject)s

UPDATE ailog_peak.known_issues AS k SET
    status = 'resolved', fixed_in = coalesce(%(fixed_in)s, k.fixed_in), resolved_at = coalesce(k.resolved_at, %(now)s)
WHERE k.issue_id = %(issue_id)s

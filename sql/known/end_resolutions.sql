UPDATE ailog_peak.resolutions AS r SET reopened_at = greatest(r.resolved_at, %(at)s), reopened_by = %(by)s
WHERE r.kind = %(kind)s AND r.subject = %(subject)s AND r.reopened_at IS NULL

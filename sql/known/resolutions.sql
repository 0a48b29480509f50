SELECT r.resolved_at, r.resolved_by, r.fixed_in, r.reopened_at, r.reopened_by
FROM ailog_peak.resolutions AS r
WHERE r.kind = %(kind)s AND r.subject = %(subject)s
ORDER BY r.resolved_at

-- The version of the newest fix, put right.
UPDATE ailog_peak.resolutions AS r SET fixed_in = %(fixed_in)s
WHERE
    r.kind = 'issue' AND r.subject = %(issue_id)s AND r.reopened_at IS NULL
    AND r.resolved_at = (SELECT max(o.resolved_at) FROM ailog_peak.resolutions AS o WHERE o.kind = 'issue' AND o.subject = %(issue_id)s)

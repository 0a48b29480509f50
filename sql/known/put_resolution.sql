-- A fix that was declared before and not taken back holds until this one.
INSERT INTO ailog_peak.resolutions AS r (kind, subject, resolved_at, resolved_by, fixed_in)
VALUES (%(kind)s, %(subject)s, %(at)s, %(by)s, %(fixed_in)s)
ON CONFLICT (kind, subject, resolved_at) DO UPDATE SET
    resolved_by = excluded.resolved_by, fixed_in = excluded.fixed_in, reopened_at = NULL, reopened_by = NULL

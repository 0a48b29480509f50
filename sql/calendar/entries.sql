-- Entries that count. What is expired is among them: it explains the windows before its expiry.
SELECT
    c.entry_id, c.kind, c.namespaces, c.timezone, c.starts_at, c.ends_at, c.weekdays, c.local_time, c.minutes, c.day, c.calendar,
    c.valid_from, c.expires_at, c.owner, c.reason
FROM ailog_peak.calendar_entries AS c
WHERE c.removed_at IS NULL AND (%(kinds)s::text[] IS NULL OR c.kind = ANY(%(kinds)s))
ORDER BY c.kind, coalesce(c.starts_at, c.day::timestamptz), c.entry_id

-- An entry that says the same already is left as it is; one that was removed comes back.
INSERT INTO ailog_peak.calendar_entries AS c (
    entry_id, kind, namespaces, timezone, starts_at, ends_at, weekdays, local_time, minutes, day, calendar, valid_from, expires_at,
    owner, reason, created_at, created_by
) VALUES (
    %(entry_id)s, %(kind)s, %(namespaces)s, %(timezone)s, %(starts_at)s, %(ends_at)s, %(weekdays)s, %(local_time)s, %(minutes)s, %(day)s,
    %(calendar)s, %(valid_from)s, %(expires_at)s, %(owner)s, %(reason)s, %(now)s, %(actor)s
)
ON CONFLICT (entry_id) DO UPDATE SET
    kind = excluded.kind, namespaces = excluded.namespaces, timezone = excluded.timezone, starts_at = excluded.starts_at,
    ends_at = excluded.ends_at, weekdays = excluded.weekdays, local_time = excluded.local_time, minutes = excluded.minutes,
    day = excluded.day, calendar = excluded.calendar, valid_from = excluded.valid_from, expires_at = excluded.expires_at,
    owner = excluded.owner, reason = excluded.reason, created_at = excluded.created_at, created_by = excluded.created_by,
    removed_at = NULL, removed_by = NULL
WHERE
    (
        c.kind, c.namespaces, c.timezone, c.starts_at, c.ends_at, c.weekdays, c.local_time, c.minutes, c.day, c.calendar, c.valid_from,
        c.expires_at, c.owner, c.reason, c.removed_at
    ) IS DISTINCT FROM (
        excluded.kind, excluded.namespaces, excluded.timezone, excluded.starts_at, excluded.ends_at, excluded.weekdays,
        excluded.local_time, excluded.minutes, excluded.day, excluded.calendar, excluded.valid_from, excluded.expires_at, excluded.owner,
        excluded.reason, NULL
    )
RETURNING (xmax = 0) AS added

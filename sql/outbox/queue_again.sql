-- A message that was given up is due at once; how often it was tried stays on record.
UPDATE ailog_peak.outbox AS o
SET status = 'pending', next_attempt = %(now)s, queued_at = %(now)s, finished_at = NULL
WHERE
    o.status = 'failed'
    AND (%(prefix)s::text IS NULL OR starts_with(o.message_id::text, %(prefix)s))
    AND (%(channel)s::text IS NULL OR o.channel = %(channel)s)
RETURNING o.message_id::text AS message_id, o.channel, o.subject, o.last_error

-- Messages, newest first; of one whose id begins so, of a channel, or with a status when they are given.
SELECT
    o.message_id::text AS message_id, o.channel, o.kind, o.subject, o.status, o.attempts, o.created_at, o.queued_at, o.next_attempt,
    o.finished_at, o.last_error, o.run_id::text AS run_id
FROM ailog_peak.outbox AS o
WHERE
    (%(prefix)s::text IS NULL OR starts_with(o.message_id::text, %(prefix)s))
    AND (%(channel)s::text IS NULL OR o.channel = %(channel)s)
    AND (%(status)s::text IS NULL OR o.status = %(status)s)
ORDER BY o.created_at DESC, o.message_id ASC
LIMIT %(limit)s

-- Takes one message that is due: next_attempt becomes the end of the taker's lease, after which a silent taker counts as dead.
WITH due AS (
    SELECT o.message_id, o.status AS previous_status
    FROM ailog_peak.outbox AS o
    WHERE
        o.status IN ('pending', 'sending')
        AND o.next_attempt <= %(now)s
        AND o.channel <> ALL(%(skipped_channels)s::text [])
    ORDER BY o.created_at, o.message_id
    LIMIT 1
    FOR UPDATE SKIP LOCKED
)

UPDATE ailog_peak.outbox AS o
SET status = 'sending', attempts = o.attempts + 1, next_attempt = %(lease_until)s
FROM due
WHERE o.message_id = due.message_id
RETURNING o.message_id, o.channel, o.kind, o.subject, o.body, o.attempts,
    coalesce(o.queued_at, o.created_at) AS created_at, due.previous_status

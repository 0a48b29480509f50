-- A message about a failed task, unless the same task was told of within the cooldown.
INSERT INTO ailog_peak.outbox (message_id, channel, kind, subject, body)
SELECT %(message_id)s, %(channel)s, 'alarm', %(subject)s, %(body)s
WHERE NOT EXISTS (
    SELECT 1 FROM ailog_peak.outbox AS o
    WHERE
        o.kind = 'alarm' AND o.channel = %(channel)s AND o.subject = %(subject)s
        AND o.created_at > now() - make_interval(mins => %(cooldown_minutes)s)
)
ON CONFLICT (message_id) DO NOTHING

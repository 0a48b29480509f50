-- A message that is not sent before a moment.
INSERT INTO ailog_peak.outbox (message_id, channel, kind, run_id, subject, body, next_attempt, created_at)
VALUES (%(message_id)s, %(channel)s, %(kind)s, %(run_id)s, %(subject)s, %(body)s, %(not_before)s, %(now)s)
ON CONFLICT (message_id) DO NOTHING

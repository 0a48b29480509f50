-- Whoever took the message meanwhile: it was handed over, so it is not sent again.
UPDATE ailog_peak.outbox
SET status = 'sent', finished_at = %(now)s, last_error = NULL
WHERE message_id = %(message_id)s

-- Only the taker that still holds the message may put it back.
UPDATE ailog_peak.outbox
SET status = 'pending', next_attempt = %(next_attempt)s, last_error = %(detail)s
WHERE message_id = %(message_id)s AND status = 'sending' AND attempts = %(attempt)s

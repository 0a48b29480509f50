UPDATE ailog_peak.outbox
SET status = 'failed', finished_at = %(now)s, last_error = %(detail)s
WHERE message_id = %(message_id)s AND status = 'sending' AND attempts = %(attempt)s

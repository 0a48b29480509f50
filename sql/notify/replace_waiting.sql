-- A message that nobody has tried to send yet says the newer word.
UPDATE ailog_peak.outbox AS o SET subject = %(subject)s, body = %(body)s, run_id = %(run_id)s
WHERE o.message_id = ANY(%(message_ids)s::uuid []) AND o.status = 'pending' AND o.attempts = 0

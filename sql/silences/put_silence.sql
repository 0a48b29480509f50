INSERT INTO ailog_peak.silences (problem_key, namespace, fingerprints, up_to, owner, reason, created_at, expires_at)
VALUES (%(problem_key)s, %(namespace)s, %(fingerprints)s, %(up_to)s, %(owner)s, %(reason)s, %(now)s, %(expires_at)s)
RETURNING silence_id

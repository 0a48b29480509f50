SELECT s.silence_id, s.problem_key, s.namespace, s.fingerprints, s.up_to, s.owner, s.reason, s.created_at, s.expires_at
FROM ailog_peak.silences AS s
WHERE s.removed_at IS NULL AND s.created_at <= %(now)s AND s.expires_at > %(now)s
ORDER BY s.silence_id

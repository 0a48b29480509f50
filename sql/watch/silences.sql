SELECT s.silence_id, s.owner, s.reason, s.created_at, s.expires_at
FROM ailog_peak.silences AS s
WHERE s.removed_at IS NULL AND s.expires_at > %(now)s AND s.expires_at <= %(until)s
ORDER BY s.expires_at, s.silence_id

UPDATE ailog_peak.silences AS s SET removed_at = %(now)s
WHERE s.silence_id = %(silence_id)s AND s.removed_at IS NULL AND s.expires_at > %(now)s

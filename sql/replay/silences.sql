-- Silences that were in force at some time in a span; one that was taken back ended then.
SELECT
    s.silence_id, s.problem_key, s.namespace, s.fingerprints, s.up_to, s.owner, s.reason, s.created_at,
    least(s.expires_at, s.removed_at) AS expires_at
FROM ailog_peak.silences AS s
WHERE s.created_at < %(end)s AND least(s.expires_at, s.removed_at) > %(start)s
ORDER BY s.silence_id

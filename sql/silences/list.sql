-- Silences, those in force first; what each hid is counted by incident.
SELECT
    s.silence_id, s.problem_key, s.namespace, s.fingerprints, s.up_to, s.owner, s.reason, s.created_at, s.expires_at, s.removed_at,
    CASE WHEN s.removed_at IS NOT NULL THEN 'removed' WHEN s.expires_at <= %(now)s THEN 'expired' ELSE 'in force' END AS state,
    (
        SELECT count(DISTINCT d.incident_id) FROM ailog_peak.notice_decisions AS d WHERE d.silence_id = s.silence_id
    )::integer AS hid_incidents
FROM ailog_peak.silences AS s
ORDER BY s.removed_at IS NOT NULL OR s.expires_at <= %(now)s, s.expires_at DESC, s.silence_id DESC
LIMIT %(limit)s

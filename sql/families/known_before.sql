-- Fingerprints that were there before a run's first window, as signed numbers.
SELECT ('x' || s.fingerprint)::bit(64)::bigint AS fingerprint
FROM ailog_peak.error_signatures AS s
WHERE s.first_seen < %(first)s AND s.fingerprint ~ '^[0-9a-f]{16}$'
ORDER BY s.last_seen DESC, s.fingerprint
LIMIT 200000

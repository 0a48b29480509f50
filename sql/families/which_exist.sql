-- Of fingerprints those that were stored; the name of a family that is no fingerprint gives its least member.
SELECT f.fingerprint, coalesce(s.fingerprint, min(a.fingerprint)) AS stands_for
FROM unnest(%(fingerprints)s::text[]) AS f (fingerprint)
LEFT JOIN ailog_peak.error_signatures AS s ON s.fingerprint = f.fingerprint
LEFT JOIN ailog_peak.fingerprint_families AS a
    ON a.family = f.fingerprint AND EXISTS (SELECT 1 FROM ailog_peak.error_signatures AS m WHERE m.fingerprint = a.fingerprint)
GROUP BY f.fingerprint, s.fingerprint
HAVING coalesce(s.fingerprint, min(a.fingerprint)) IS NOT NULL
ORDER BY f.fingerprint

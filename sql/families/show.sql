-- The families with more than one member, or the one of a fingerprint, with their members and the last reason.
SELECT
    a.family, a.fingerprint, a.reason, a.since, s.algorithm_version, s.error_type, s.template, s.first_seen, s.last_seen
FROM (
    SELECT DISTINCT ON (h.fingerprint) h.fingerprint, h.family, h.reason, h.since
    FROM ailog_peak.fingerprint_aliases AS h
    ORDER BY h.fingerprint, h.generation DESC
) AS a
LEFT JOIN ailog_peak.error_signatures AS s ON s.fingerprint = a.fingerprint
WHERE
    %(fingerprint)s::text IS NULL
    OR a.fingerprint = %(fingerprint)s OR a.family = %(fingerprint)s
    OR a.family = (SELECT f.family FROM ailog_peak.fingerprint_families AS f WHERE f.fingerprint = %(fingerprint)s)
ORDER BY a.family, a.fingerprint
LIMIT %(limit)s

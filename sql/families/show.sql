-- The families with more than one member, or the one of a fingerprint (or of the name of a family), with their members and the last reason.
WITH aliases AS (
    SELECT DISTINCT ON (h.fingerprint) h.fingerprint, h.family, h.reason, h.since
    FROM ailog_peak.fingerprint_aliases AS h
    ORDER BY h.fingerprint, h.generation DESC
),

wanted AS (
    SELECT a.family FROM aliases AS a WHERE %(fingerprint)s::text IS NULL
    UNION
    SELECT coalesce((SELECT a.family FROM aliases AS a WHERE a.fingerprint = %(fingerprint)s), %(fingerprint)s)
    WHERE %(fingerprint)s::text IS NOT NULL
),

members AS (
    SELECT a.family, a.fingerprint, a.reason, a.since FROM aliases AS a INNER JOIN wanted AS w ON w.family = a.family
    UNION ALL
    -- A family has the name of one of its members, which needs no alias.
    SELECT w.family, s.fingerprint, 'name' AS reason, NULL AS since
    FROM wanted AS w
    INNER JOIN ailog_peak.error_signatures AS s ON s.fingerprint = w.family
    WHERE NOT EXISTS (SELECT 1 FROM aliases AS a WHERE a.fingerprint = w.family)
)

SELECT
    m.family, m.fingerprint, m.reason, m.since, s.algorithm_version, s.error_type, s.template, s.first_seen, s.last_seen
FROM members AS m
LEFT JOIN ailog_peak.error_signatures AS s ON s.fingerprint = m.fingerprint
ORDER BY m.family, m.reason <> 'name', m.fingerprint
LIMIT %(limit)s

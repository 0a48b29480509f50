-- Incidents of the run's namespaces that a person resolved within a year and that share a family with the run, newest first.
WITH member AS (
    SELECT f.fingerprint FROM unnest(%(fingerprints)s::text[]) AS f (fingerprint)
    UNION DISTINCT
    SELECT s.family
    FROM ailog_staging.family AS s
    WHERE s.run_no = %(run_no)s AND s.fingerprint = ANY(%(fingerprints)s::text[])
    UNION DISTINCT
    SELECT o.fingerprint
    FROM ailog_staging.family AS s
    INNER JOIN ailog_staging.family AS o ON o.run_no = s.run_no AND o.family = s.family
    WHERE s.run_no = %(run_no)s AND s.fingerprint = ANY(%(fingerprints)s::text[])
)

SELECT
    i.incident_id::text AS incident_id, i.problem_key, i.namespace, i.resolved_at, i.resolved_by, i.fixed_in,
    ARRAY(SELECT a.name FROM jsonb_object_keys(i.apps) AS a (name) ORDER BY a.name) AS apps,
    ARRAY(
        SELECT DISTINCT coalesce(g.family, u.fingerprint)
        FROM unnest(i.fingerprints) AS u (fingerprint)
        LEFT JOIN ailog_staging.family AS g ON g.run_no = %(run_no)s AND g.fingerprint = u.fingerprint
        ORDER BY 1
    ) AS families
FROM ailog_peak.incidents AS i
WHERE
    i.status = 'resolved' AND i.resolved_by NOT IN ('quiet', 'amended') AND i.namespace = ANY(%(namespaces)s)
    AND i.resolved_at >= %(first)s::timestamptz - interval '366 days'
    AND i.fingerprints && ARRAY(SELECT m.fingerprint FROM member AS m)
ORDER BY i.resolved_at DESC, i.incident_id ASC
LIMIT 5000

-- Known issues that were declared fixed, with their fingerprints' families as the run reads them.
SELECT
    r.subject, k.title, r.resolved_at, r.resolved_by, r.fixed_in, r.reopened_at, k.category, k.apps, k.namespaces, k.pattern,
    coalesce(f.family, k.fingerprint) AS family,
    ARRAY(
        SELECT coalesce(g.family, u.fingerprint)
        FROM unnest(k.related) AS u (fingerprint)
        LEFT JOIN ailog_staging.family AS g ON g.run_no = %(run_no)s AND g.fingerprint = u.fingerprint
        ORDER BY 1
    ) AS related
FROM ailog_peak.resolutions AS r
INNER JOIN ailog_peak.known_issues AS k ON k.issue_id = r.subject
LEFT JOIN ailog_staging.family AS f ON f.run_no = %(run_no)s AND f.fingerprint = k.fingerprint
WHERE r.kind = 'issue'
ORDER BY r.subject, r.resolved_at

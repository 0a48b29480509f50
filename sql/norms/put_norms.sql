INSERT INTO ailog_peak.series_norms (day, namespace, subject, final, norm)
SELECT %(day)s, u.namespace, u.subject, %(final)s, u.norm
FROM unnest(
    %(namespaces)s::text[], %(subjects)s::text[], %(norms)s::bytea[]
) AS u (namespace, subject, norm)
ON CONFLICT (day, namespace, subject) DO UPDATE
SET final = excluded.final, norm = excluded.norm
WHERE excluded.final

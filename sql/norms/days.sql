-- The remembered days of some series; a final run reads what final runs left alone.
SELECT d.day, d.namespace, d.subject, d.record
FROM ailog_peak.series_days AS d
WHERE
    d.day >= %(first)s AND d.day <= %(last)s AND (d.final OR NOT %(final)s)
    AND (d.namespace, d.subject) IN (SELECT u.namespace, u.subject FROM unnest(%(namespaces)s::text[], %(subjects)s::text[]) AS u (namespace, subject))
ORDER BY d.day, d.namespace, d.subject

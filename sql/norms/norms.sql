-- The norms of some series for a day, as they were made.
SELECT d.namespace, d.subject, d.norm
FROM ailog_peak.series_norms AS d
WHERE
    d.day = %(day)s AND (d.final OR NOT %(final)s)
    AND (d.namespace, d.subject) IN (SELECT u.namespace, u.subject FROM unnest(%(namespaces)s::text[], %(subjects)s::text[]) AS u (namespace, subject))

-- The last day before a given one of which each of the series is remembered.
SELECT d.namespace, d.subject, max(d.day) AS last
FROM ailog_peak.series_days AS d
WHERE
    d.day >= %(first)s AND d.day < %(day)s AND (d.final OR NOT %(final)s)
    AND (d.namespace, d.subject) IN (SELECT u.namespace, u.subject FROM unnest(%(namespaces)s::text[], %(subjects)s::text[]) AS u (namespace, subject))
GROUP BY d.namespace, d.subject

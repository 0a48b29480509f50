-- What some series carried out of a day.
SELECT d.namespace, d.subject, d.state
FROM ailog_peak.series_days AS d
WHERE
    d.day = %(day)s AND (d.final OR NOT %(final)s)
    AND (d.namespace, d.subject) IN (SELECT u.namespace, u.subject FROM unnest(%(namespaces)s::text[], %(subjects)s::text[]) AS u (namespace, subject))

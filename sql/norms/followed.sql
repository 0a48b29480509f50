-- The problems that have a norm for a day.
SELECT n.namespace, n.subject
FROM ailog_peak.series_norms AS n
WHERE n.day = %(day)s AND n.namespace = ANY(%(namespaces)s) AND n.subject <> 'namespace'
ORDER BY n.namespace, n.subject

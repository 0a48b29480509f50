-- What the windows of a remembered local day scored, by series.
SELECT d.namespace, d.subject, d.scores
FROM ailog_peak.series_days AS d
WHERE d.day = %(day)s AND d.namespace = ANY(%(namespaces)s)

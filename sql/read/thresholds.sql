-- The thresholds of a snapshot: weekday 0 (Monday) to 6 in UTC, null for the CAP of the namespace.
SELECT v.namespace, v.weekday, v.threshold, v.samples, v.median, v.mean, v.maximum
FROM ailog_peak.threshold_snapshot_values AS v
WHERE v.snapshot_id = %(snapshot_id)s AND (%(namespace)s::text IS NULL OR v.namespace = %(namespace)s)
ORDER BY v.namespace ASC, v.weekday ASC NULLS LAST

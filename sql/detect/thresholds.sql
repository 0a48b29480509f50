SELECT namespace, weekday, threshold, samples
FROM ailog_peak.threshold_snapshot_values
WHERE snapshot_id = %(snapshot_id)s
ORDER BY namespace, weekday

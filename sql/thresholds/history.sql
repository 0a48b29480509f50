-- Snapshots, newest first by what they were trained to; the first complete one is in use.
SELECT
    r.snapshot_id::text AS snapshot_id, r.status, r.percentile_level, r.trained_from, r.trained_to, r.weeks, r.windows_used,
    r.windows_dropped, r.withheld, r.warnings, r.default_threshold, r.min_samples, r.code_version, r.config_hash, r.created_at,
    r.budget, r.spend, r.alarm_limit, r.expected_false, r.expected_incidents, r.series_weeks,
    r.snapshot_id = (SELECT l.snapshot_id FROM ailog_peak.threshold_snapshot_latest AS l) AS in_use,
    (SELECT count(DISTINCT v.namespace) FROM ailog_peak.threshold_snapshot_values AS v WHERE v.snapshot_id = r.snapshot_id) AS namespaces
FROM ailog_peak.threshold_snapshot_runs AS r
WHERE r.status = 'complete' AND (%(prefix)s::text IS NULL OR starts_with(r.snapshot_id::text, %(prefix)s))
ORDER BY r.trained_to DESC, r.created_at DESC
LIMIT %(limit)s

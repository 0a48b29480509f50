-- The threshold snapshot in use.
SELECT
    r.snapshot_id::text AS snapshot_id, r.status, r.percentile_level, r.trained_from, r.trained_to,
    r.weeks, r.windows_used, r.windows_dropped, r.withheld, r.warnings, r.default_threshold, r.min_samples, r.code_version, r.config_hash, r.created_at,
    r.budget, r.spend, r.alarm_limit, r.expected_false, r.expected_incidents, r.series_weeks
FROM ailog_peak.threshold_snapshot_latest AS r

-- Threshold snapshots that verdicts name, with the margin that each was solved to.
SELECT
    r.snapshot_id::text AS snapshot_id, r.trained_from, r.trained_to, r.percentile_level, r.budget, r.spend, r.alarm_limit, r.expected_false
FROM ailog_peak.threshold_snapshot_runs AS r
WHERE r.snapshot_id = ANY(%(snapshots)s::uuid [])
ORDER BY r.trained_to DESC

-- The margin that a snapshot was solved for; null when it has none, or was solved for another budget.
SELECT r.alarm_limit
FROM ailog_peak.threshold_snapshot_runs AS r
WHERE r.snapshot_id = %(snapshot_id)s AND r.budget = %(budget)s AND r.spend = %(spend)s

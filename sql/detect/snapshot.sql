-- The thresholds in force before a window: of a later snapshot the window itself may be a part.
SELECT r.snapshot_id::text AS snapshot_id
FROM ailog_peak.threshold_snapshot_runs AS r
WHERE r.status = 'complete' AND r.trained_to <= %(first)s
ORDER BY r.trained_to DESC, r.created_at DESC
LIMIT 1

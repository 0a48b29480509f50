-- The thresholds in force before each window: of a later snapshot the window itself may be a part.
SELECT w.window_start, r.snapshot_id::text AS snapshot_id
FROM unnest(%(windows)s::timestamptz[]) AS w (window_start)
LEFT JOIN LATERAL (
    SELECT s.snapshot_id
    FROM ailog_peak.threshold_snapshot_runs AS s
    WHERE s.status = 'complete' AND s.trained_to <= w.window_start
    ORDER BY s.trained_to DESC, s.created_at DESC
    LIMIT 1
) AS r ON true
ORDER BY w.window_start

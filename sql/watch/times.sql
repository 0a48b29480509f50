-- When the first run began, when a regular run was last complete, and up to when the thresholds in use were learnt.
SELECT
    (SELECT min(r.started_at) FROM ailog_peak.analysis_runs AS r WHERE r.kind IN ('regular', 'init')) AS first_run,
    (
        SELECT max(r.completed_at)
        FROM ailog_peak.analysis_runs AS r
        WHERE r.kind = 'regular' AND (r.status = 'complete' OR r.status = 'superseded' AND r.error IS NULL)
    ) AS last_complete,
    (SELECT t.trained_to FROM ailog_peak.threshold_snapshot_latest AS t) AS snapshot

SELECT r.run_id::text AS run_id, r.status, r.error, r.window_from, r.window_to
FROM ailog_peak.analysis_runs AS r
WHERE r.kind = 'backfill' AND r.status <> 'running' AND r.started_at <= %(now)s
ORDER BY r.started_at DESC, r.run_id DESC
LIMIT %(limit)s

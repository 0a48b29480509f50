-- The newest run of each kind.
SELECT DISTINCT ON (r.kind)
    r.kind, r.run_id::text AS run_id, r.status, r.window_from, r.window_to, r.started_at, r.triggered_by
FROM ailog_peak.analysis_runs AS r
WHERE r.started_at <= %(now)s
ORDER BY r.kind, r.started_at DESC, r.run_id DESC

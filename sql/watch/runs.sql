-- The newest regular runs that are over, each with its sources. A dry run and one that had nothing to say are none of them.
SELECT
    r.run_id::text AS run_id, r.status, r.error, r.started_at, r.completed_at,
    (
        SELECT coalesce(jsonb_agg(jsonb_build_object('source', s.source, 'status', s.status, 'error', s.error) ORDER BY s.source), '[]')
        FROM ailog_peak.analysis_run_sources AS s
        WHERE s.run_id = r.run_id
    ) AS sources
FROM ailog_peak.analysis_runs AS r
WHERE r.kind = 'regular' AND r.status <> 'running' AND r.started_at <= %(now)s
ORDER BY r.started_at DESC, r.run_id DESC
LIMIT %(limit)s

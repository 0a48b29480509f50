-- The newest runs that were to read a window whose word does not count, or that do so now.
SELECT r.run_id::text AS run_id, r.kind, r.status, r.error, r.started_at
FROM ailog_peak.analysis_runs AS r
WHERE
    r.window_from > %(window_start)s::timestamptz - interval '11 days' AND r.window_from <= %(window_start)s
    AND r.window_to > %(window_start)s AND r.status IN ('running', 'failed')
ORDER BY r.started_at DESC
LIMIT 3

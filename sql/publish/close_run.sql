-- A run that is repeated with the same outcome keeps its times: the row is the same, byte for byte.
UPDATE ailog_peak.analysis_runs AS r SET
    completed_at = CASE WHEN r.status = %(status)s AND r.completed_at IS NOT NULL THEN r.completed_at ELSE %(now)s END,
    status = %(status)s, expected = %(expected)s, fetched = %(fetched)s, rejected = %(rejected)s, staged = %(staged)s, stored = %(stored)s,
    sampled = %(sampled)s, unknown_share = %(unknown_share)s, incidents = (
        SELECT count(DISTINCT p.incident_id)::integer FROM ailog_peak.peak_investigation AS p WHERE p.window_start = ANY(%(windows)s)
    ), snapshot_id = %(snapshot_id)s, error = %(error)s,
    superseded_by = NULL
WHERE r.run_id = %(run_id)s

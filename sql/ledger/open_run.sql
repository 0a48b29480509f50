-- A run that is complete keeps its row until it is published again: its facts still count.
INSERT INTO ailog_peak.analysis_runs AS r (
    run_id, kind, window_from, window_to, windows, status, verdict, code_version, config_hash, triggered_by, started_at
) VALUES (
    %(run_id)s, %(kind)s, %(window_from)s, %(window_to)s, %(windows)s, 'running', %(verdict)s, %(code_version)s, %(config_hash)s, %(triggered_by)s, %(now)s
)
ON CONFLICT (run_id) DO UPDATE SET
    status = 'running', error = NULL, completed_at = NULL, started_at = excluded.started_at,
    code_version = excluded.code_version, config_hash = excluded.config_hash, triggered_by = excluded.triggered_by
WHERE r.status NOT IN ('complete')

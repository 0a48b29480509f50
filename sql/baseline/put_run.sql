-- An import is complete as soon as it is written. Repeated, it keeps its times.
INSERT INTO ailog_peak.analysis_runs AS r (
    run_id, kind, window_from, window_to, windows, status, verdict, expected, fetched, rejected, staged, stored, incidents,
    code_version, config_hash, triggered_by, started_at, completed_at
) VALUES (
    %(run_id)s, 'init', %(start)s, %(end)s, %(windows)s, 'complete', 'baseline', %(stored)s, %(stored)s, 0, %(stored)s, %(stored)s, 0,
    %(code_version)s, %(config_hash)s, %(triggered_by)s, %(now)s, %(now)s
)
ON CONFLICT (run_id) DO UPDATE SET
    windows = excluded.windows, status = 'complete', expected = excluded.expected, fetched = excluded.fetched, staged = excluded.staged,
    stored = excluded.stored, code_version = excluded.code_version, config_hash = excluded.config_hash,
    triggered_by = excluded.triggered_by, superseded_by = NULL

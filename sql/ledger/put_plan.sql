INSERT INTO ailog_staging.run_plan (run_id, kind, windows, dry_run, sources, code_version, config_hash, warnings)
VALUES (%(run_id)s, %(kind)s, %(windows)s, %(dry_run)s, %(sources)s, %(code_version)s, %(config_hash)s, %(warnings)s)
ON CONFLICT (run_id) DO UPDATE SET
    kind = excluded.kind, windows = excluded.windows, dry_run = excluded.dry_run, sources = excluded.sources,
    code_version = excluded.code_version, config_hash = excluded.config_hash, warnings = excluded.warnings, planned_at = now()
RETURNING run_no

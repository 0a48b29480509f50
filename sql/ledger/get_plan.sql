SELECT run_no, run_id::text AS run_id, kind, windows, dry_run, sources, code_version, config_hash
FROM ailog_staging.run_plan
WHERE run_id = %(run_id)s

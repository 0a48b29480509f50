INSERT INTO ailog_peak.threshold_snapshot_runs (
    snapshot_id, status, percentile_level, trained_from, trained_to, weeks, windows_used, windows_dropped, withheld, warnings,
    default_threshold, min_samples, code_version, config_hash
) VALUES (
    %(snapshot_id)s, 'complete', %(percentile)s, %(start)s, %(as_of)s, %(weeks)s, %(used)s, %(dropped)s, %(withheld)s, %(warnings)s,
    %(default)s, %(min_samples)s, %(code_version)s, %(config_hash)s
)
ON CONFLICT (snapshot_id) DO NOTHING

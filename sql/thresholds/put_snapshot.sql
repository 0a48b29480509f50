INSERT INTO ailog_peak.threshold_snapshot_runs (
    snapshot_id, status, percentile_level, trained_from, trained_to, weeks, windows_used, windows_dropped, withheld, warnings,
    default_threshold, min_samples, code_version, config_hash,
    budget, spend, alarm_limit, expected_false, expected_incidents, series_weeks
) VALUES (
    %(snapshot_id)s, 'complete', %(percentile)s, %(start)s, %(as_of)s, %(weeks)s, %(used)s, %(dropped)s, %(withheld)s, %(warnings)s,
    %(default)s, %(min_samples)s, %(code_version)s, %(config_hash)s,
    %(budget)s, %(spend)s, %(alarm_limit)s, %(expected_false)s, %(expected_incidents)s, %(series_weeks)s
)
ON CONFLICT (snapshot_id) DO NOTHING

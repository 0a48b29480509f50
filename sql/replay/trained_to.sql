SELECT r.trained_to FROM ailog_peak.threshold_snapshot_runs AS r WHERE r.snapshot_id = %(snapshot_id)s

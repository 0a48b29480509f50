SELECT count(*)::bigint FROM ailog_peak.forgettable_snapshots(%(before)s)

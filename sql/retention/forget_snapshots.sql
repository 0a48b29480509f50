SELECT ailog_peak.forget_snapshots(%(before)s)

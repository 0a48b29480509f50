SELECT ailog_peak.refresh_statistics()

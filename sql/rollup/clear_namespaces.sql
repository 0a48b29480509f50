DELETE FROM ailog_peak.daily_namespace_rollups WHERE date = %(date)s

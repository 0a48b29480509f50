DELETE FROM ailog_peak.daily_error_kind_rollups WHERE date = %(date)s

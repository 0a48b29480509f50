SELECT count(*)::bigint FROM ailog_peak.series_days WHERE day < %(before)s::date

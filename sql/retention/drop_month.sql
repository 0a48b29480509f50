SELECT ailog_peak.drop_month(%(table)s, %(month)s)

UPDATE ailog_peak.daily_rollup_days AS r SET refused_digest = l.digest
FROM ailog_peak.ledger_days(%(start)s, %(end)s) AS l
WHERE r.date = %(date)s AND l.date = r.date

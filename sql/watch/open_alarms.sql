SELECT a.alarm_key, a.opened_at, a.title, a.reason, a.remedy, a.severity, a.once, a.told_at, a.times_told, a.gone_since
FROM ailog_peak.watch_alarms AS a
WHERE a.closed_at IS NULL
ORDER BY a.alarm_key

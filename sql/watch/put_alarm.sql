INSERT INTO ailog_peak.watch_alarms AS a (
    alarm_key, opened_at, title, reason, remedy, severity, once, told_at, times_told, gone_since, closed_at
) VALUES (
    %(alarm_key)s, %(opened_at)s, %(title)s, %(reason)s, %(remedy)s, %(severity)s, %(once)s, %(told_at)s, %(times_told)s,
    %(gone_since)s, %(closed_at)s
)
ON CONFLICT (alarm_key, opened_at) DO UPDATE SET
    title = excluded.title, reason = excluded.reason, remedy = excluded.remedy, severity = excluded.severity,
    once = excluded.once, told_at = excluded.told_at, times_told = excluded.times_told,
    gone_since = excluded.gone_since, closed_at = excluded.closed_at

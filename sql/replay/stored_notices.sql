-- What runs of a span told: of which incident, by which message.
SELECT d.namespace, d.incident_id::text AS incident_id, d.run_id::text AS run_id, d.channel, d.stage, d.message_id::text AS message_id
FROM ailog_peak.notice_decisions AS d
WHERE d.told AND d.window_from < %(end)s AND d.window_to > %(start)s
ORDER BY d.namespace, d.incident_id, d.run_id, d.channel

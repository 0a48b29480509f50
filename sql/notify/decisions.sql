-- What became of the news of a namespace in a window: told on which channel, or kept back by which stage, and how the message fared.
SELECT
    d.problem_key, d.incident_id::text AS incident_id, d.channel, d.told, d.stage, d.reason, d.silence_id, d.message_id::text AS message_id,
    o.status AS message_status, d.run_id::text AS run_id
FROM ailog_peak.notice_decisions AS d
LEFT JOIN ailog_peak.outbox AS o ON o.message_id = d.message_id
WHERE d.namespace = %(namespace)s AND d.window_from <= %(window_start)s AND d.window_to > %(window_start)s
ORDER BY d.told DESC, d.problem_key ASC, d.channel ASC, d.run_id ASC

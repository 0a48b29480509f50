-- What became of the news of a namespace in a window: told on which channel, or kept back by which stage, and how the message fared. A run
-- covers ten days at most, so that no older decision is looked at.
SELECT
    d.problem_key, d.incident_id::text AS incident_id, d.channel, d.told, d.stage, d.reason, d.silence_id, d.message_id::text AS message_id,
    o.status AS message_status, o.finished_at AS message_finished_at, o.last_error AS message_error, d.run_id::text AS run_id, r.kind AS run_kind,
    s.owner AS silence_owner, s.reason AS silence_reason, s.expires_at AS silence_expires_at, s.removed_at AS silence_removed_at
FROM ailog_peak.notice_decisions AS d
LEFT JOIN ailog_peak.outbox AS o ON o.message_id = d.message_id
LEFT JOIN ailog_peak.analysis_runs AS r ON r.run_id = d.run_id
LEFT JOIN ailog_peak.silences AS s ON s.silence_id = d.silence_id
WHERE
    d.namespace = %(namespace)s AND d.window_from > %(window_start)s::timestamptz - interval '11 days'
    AND d.window_from <= %(window_start)s AND d.window_to > %(window_start)s
ORDER BY d.told DESC, d.problem_key ASC, d.channel ASC, r.started_at ASC, d.run_id ASC

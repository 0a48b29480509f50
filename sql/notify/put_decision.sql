-- A repetition of the run that has nothing more to tell leaves what is on record.
INSERT INTO ailog_peak.notice_decisions AS d (
    run_id, incident_id, channel, namespace, problem_key, window_from, window_to, told, stage, reason, silence_id, message_id
) VALUES (
    %(run_id)s, %(incident_id)s, %(channel)s, %(namespace)s, %(problem_key)s, %(window_from)s, %(window_to)s, %(told)s, %(stage)s,
    %(reason)s, %(silence_id)s, %(message_id)s
)
ON CONFLICT (run_id, incident_id, channel) DO UPDATE SET
    told = excluded.told, stage = excluded.stage, reason = excluded.reason, silence_id = excluded.silence_id, message_id = excluded.message_id
WHERE excluded.told

-- Messages that are over, with the record of each attempt.
WITH
gone AS (
    SELECT o.message_id FROM ailog_peak.outbox AS o
    WHERE o.status IN ('sent', 'failed') AND o.finished_at < %(before)s
    ORDER BY o.finished_at
    LIMIT %(batch)s
    FOR UPDATE
),
attempts AS (
    DELETE FROM ailog_peak.notification_deliveries AS d WHERE d.message_id IN (SELECT g.message_id FROM gone AS g) RETURNING d.message_id
)
DELETE FROM ailog_peak.outbox AS o
USING gone AS g
WHERE o.message_id = g.message_id AND (SELECT count(*) FROM attempts) >= 0

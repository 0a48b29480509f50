SELECT d.attempt, d.at, d.outcome, d.detail
FROM ailog_peak.notification_deliveries AS d
WHERE d.message_id = %(message_id)s
ORDER BY d.delivery_id

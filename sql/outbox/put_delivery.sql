INSERT INTO ailog_peak.notification_deliveries (message_id, channel, attempt, at, outcome, detail)
VALUES (%(message_id)s, %(channel)s, %(attempt)s, %(now)s, %(outcome)s, %(detail)s)

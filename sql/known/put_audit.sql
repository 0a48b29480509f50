INSERT INTO ailog_peak.audit_log (actor, action, subject, detail) VALUES (%(actor)s, %(action)s, %(subject)s, %(detail)s)

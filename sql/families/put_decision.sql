INSERT INTO ailog_peak.family_decisions (actor, action, fingerprint, target, note)
VALUES (%(actor)s, %(action)s, %(fingerprint)s, %(target)s, %(note)s)

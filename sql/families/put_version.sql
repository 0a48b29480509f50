INSERT INTO ailog_peak.fingerprint_versions (old_fingerprint, new_fingerprint, old_version, new_version, main)
VALUES (%(old)s, %(new)s, %(old_version)s, %(version)s, %(main)s)
ON CONFLICT (old_fingerprint, new_fingerprint) DO NOTHING

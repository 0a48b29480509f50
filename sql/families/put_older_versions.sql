-- Versions before the old one follow it: what became something in the old version is in the new one what that became.
INSERT INTO ailog_peak.fingerprint_versions (old_fingerprint, new_fingerprint, old_version, new_version, main)
SELECT a.old_fingerprint, b.new_fingerprint, min(a.old_version), min(b.new_version), bool_or(a.main AND b.main)
FROM ailog_peak.fingerprint_versions AS a
INNER JOIN ailog_peak.fingerprint_versions AS b ON b.old_fingerprint = a.new_fingerprint
WHERE a.new_version = %(old_version)s AND b.new_version = %(version)s
GROUP BY a.old_fingerprint, b.new_fingerprint
ON CONFLICT (old_fingerprint, new_fingerprint) DO NOTHING

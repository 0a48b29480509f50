-- Fingerprints of older versions and what they are in this one.
SELECT v.old_fingerprint, v.new_fingerprint, v.main
FROM ailog_peak.fingerprint_versions AS v
WHERE v.new_version = %(version)s
ORDER BY v.old_fingerprint, v.new_fingerprint

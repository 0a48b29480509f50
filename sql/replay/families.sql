-- Fingerprints whose family bears another name.
SELECT f.fingerprint, f.family FROM ailog_peak.fingerprint_families AS f WHERE f.family <> f.fingerprint ORDER BY f.fingerprint

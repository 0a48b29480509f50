SELECT a.fingerprint, a.generation, a.family
FROM ailog_peak.fingerprint_aliases AS a
ORDER BY a.fingerprint, a.generation

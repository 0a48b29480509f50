SELECT d.action, d.fingerprint, d.target
FROM ailog_peak.family_decisions AS d
ORDER BY d.decision_id

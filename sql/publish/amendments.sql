SELECT
    a.incident_id::text AS incident_id, a.day, a.late_events, a.windows_before, a.events_before, a.severity_before, a.score_before, a.flags_before
FROM ailog_peak.incident_amendments AS a
WHERE a.run_id = %(run_id)s
ORDER BY a.incident_id, a.day

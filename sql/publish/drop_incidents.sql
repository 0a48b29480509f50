-- Incidents without a window left: nobody was told of them and nobody touched them, so nothing is lost.
DELETE FROM ailog_peak.incidents AS i
WHERE
    i.incident_id = ANY(%(incidents)s) AND i.notified_window IS NULL AND i.note IS NULL AND i.useful IS NULL
    AND (i.status = 'open' OR i.status = 'resolved' AND i.resolved_by IN ('quiet', 'amended'))
    AND NOT EXISTS (SELECT 1 FROM ailog_peak.peak_investigation AS p WHERE p.incident_id = i.incident_id)

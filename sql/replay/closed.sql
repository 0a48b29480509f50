-- Incidents of the span that a person resolved.
SELECT i.*
FROM ailog_peak.incidents AS i
WHERE
    i.status = 'resolved' AND i.resolved_by NOT IN ('quiet', 'amended')
    AND i.last_window >= %(first)s AND i.opened_window <= %(last)s
ORDER BY i.incident_id

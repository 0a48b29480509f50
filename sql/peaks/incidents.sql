-- The newest incidents that hold windows of a known peak.
SELECT
    i.incident_id::text AS incident_id, i.namespace, i.problem_key, i.status, i.severity, i.opened_window, i.last_window, i.event_count,
    i.flags
FROM ailog_peak.incidents AS i
WHERE
    i.incident_id IN (
        SELECT s.incident_id FROM ailog_peak.peak_sightings AS s
        WHERE s.base = %(base)s AND s.peak_type = %(peak_type)s
    )
ORDER BY i.last_window DESC, i.namespace, i.incident_id
LIMIT %(limit)s

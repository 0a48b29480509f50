-- The incidents whose id begins so; more than one means that it is not enough.
SELECT
    i.incident_id::text AS incident_id, i.problem_key, i.namespace, i.status, i.severity, i.peak_count, i.resolved_by, i.resolved_at,
    i.acknowledged_by, i.acknowledged_at
FROM ailog_peak.incidents AS i
WHERE starts_with(i.incident_id::text, %(prefix)s)
ORDER BY i.last_window DESC, i.incident_id ASC
LIMIT 4
FOR UPDATE

-- What people did to an incident, oldest first.
SELECT a.at, a.actor, a.action, a.detail
FROM ailog_peak.audit_log AS a
WHERE a.action LIKE 'incident %%' AND a.subject = %(incident_id)s
ORDER BY a.audit_id

-- What people did to known issues and families, newest first: all, or what names a subject (an issue, a fingerprint).
SELECT a.at, a.actor, a.action, a.subject, a.detail
FROM ailog_peak.audit_log AS a
WHERE
    (a.action LIKE 'known %%' OR a.action LIKE 'families %%' OR a.action LIKE 'problems %%' OR a.action LIKE 'peaks %%')
    AND (
        %(subject)s::text IS NULL
        OR %(subject)s IN (a.subject, a.detail ->> 'target', a.detail ->> 'before', a.detail ->> 'after', a.detail ->> 'fingerprint')
    )
ORDER BY a.audit_id DESC
LIMIT %(limit)s

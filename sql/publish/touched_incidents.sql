-- Incidents that this run may change: those with a window in it (by what was there before), those of its problems, and all that are open.
SELECT DISTINCT i.*
FROM ailog_peak.incidents AS i
WHERE
    i.status <> 'resolved'
    OR (
        i.last_window >= %(first)s::timestamptz - make_interval(mins => %(quiet_minutes)s + 15)
        AND i.opened_window <= %(last)s::timestamptz + make_interval(mins => %(quiet_minutes)s + 15)
    )
ORDER BY i.incident_id

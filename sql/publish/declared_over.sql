-- Incidents that a person resolved, with the last window that each may hold: what it had, and what had ended by then.
SELECT
    i.problem_key, i.namespace,
    greatest(i.last_window, date_bin('15 minutes', i.resolved_at, '2000-01-01 00:00+00'::timestamptz) - interval '15 minutes') AS until
FROM ailog_peak.incidents AS i
WHERE
    i.status = 'resolved' AND i.resolved_by NOT IN ('quiet', 'amended')
    AND i.last_window >= %(first)s::timestamptz - make_interval(mins => %(quiet_minutes)s + 15)
    AND i.opened_window <= %(last)s
ORDER BY i.problem_key, i.namespace, until

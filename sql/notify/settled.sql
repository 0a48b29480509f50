-- Incidents that were quiet from about the window on after which the new level of their namespace was taken as usual.
SELECT i.incident_id
FROM ailog_peak.incidents AS i
WHERE
    i.incident_id = ANY(%(incidents)s)
    AND EXISTS (
        SELECT 1 FROM ailog_peak.detection_events AS d
        WHERE
            d.evidence @> '{"level_accepted": true}' AND d.namespace = i.namespace
            AND (d.problem_key IS NULL OR d.problem_key = i.problem_key)
            AND d.window_start >= greatest(i.opened_window, i.last_window - make_interval(mins => %(quiet_minutes)s))
            AND d.window_start <= i.last_window + make_interval(mins => %(quiet_minutes)s)
    )

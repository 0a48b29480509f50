-- The earlier incident of an incident that is a regression: the one whose end the verdict names, else the newest before it that was the same
-- known issue or problem, first of the same namespace. An incident that is none has no link.
UPDATE ailog_peak.incidents AS i SET regression_of = x.earlier
FROM (
    SELECT c.incident_id, e.earlier
    FROM ailog_peak.incidents AS c
    LEFT JOIN LATERAL (
        SELECT coalesce(
            (
                SELECT (d.evidence ->> 'incident')::uuid
                FROM ailog_peak.detection_events AS d
                WHERE
                    d.namespace = c.namespace AND d.problem_key = c.problem_key AND d.detector = 'regression' AND d.fired
                    AND d.window_start >= c.opened_window AND d.window_start <= c.last_window
                ORDER BY d.window_start ASC
                LIMIT 1
            ),
            (
                SELECT b.incident_id
                FROM ailog_peak.incidents AS b
                WHERE b.last_window < c.opened_window AND (b.problem_key = c.problem_key OR b.known_issue_id = c.known_issue_id)
                ORDER BY (b.namespace = c.namespace) DESC, b.last_window DESC, b.incident_id ASC
                LIMIT 1
            )
        ) AS earlier
    ) AS e ON 'regression' = ANY(c.flags)
    WHERE c.incident_id = ANY(%(incidents)s)
) AS x
WHERE i.incident_id = x.incident_id AND i.regression_of IS DISTINCT FROM x.earlier

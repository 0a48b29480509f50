-- What reading windows of a day again changed, once per incident: the word of the newest reading, gravest change first.
SELECT x.*
FROM (
    SELECT DISTINCT ON (a.incident_id)
        a.incident_id, a.problem_key, a.namespace, a.change, a.late_events, a.severity_before, a.severity_after, a.score_after, a.words AS said
    FROM ailog_peak.incident_amendments AS a
    LEFT JOIN ailog_peak.analysis_runs AS r ON r.run_id = a.run_id
    WHERE a.day = %(day)s
    ORDER BY a.incident_id, r.completed_at DESC NULLS LAST, a.run_id
) AS x
ORDER BY x.score_after DESC NULLS LAST, x.problem_key, x.namespace
LIMIT %(limit)s

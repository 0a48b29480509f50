-- An incident is final when each of its windows belongs to a final run.
UPDATE ailog_peak.incidents AS i SET verdict = v.verdict
FROM (
    SELECT
        p.incident_id,
        CASE WHEN bool_and(coalesce(r.verdict = 'final' AND w.status = 'complete', false)) THEN 'final' ELSE 'provisional' END AS verdict
    FROM ailog_peak.peak_investigation AS p
    LEFT JOIN ailog_peak.analysis_run_windows AS w ON w.window_start = p.window_start
    LEFT JOIN ailog_peak.analysis_runs AS r ON r.run_id = w.run_id
    WHERE p.incident_id = ANY(%(incidents)s)
    GROUP BY p.incident_id
) AS v
WHERE i.incident_id = v.incident_id AND i.verdict <> v.verdict

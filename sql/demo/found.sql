-- Each window of each incident in a span of time, with its flags and where it is said to have begun.
SELECT
    p.incident_id::text AS incident_id,
    p.window_start,
    p.namespace,
    p.problem_key,
    p.original_value AS events,
    i.severity,
    i.score,
    array_remove(ARRAY[
        CASE WHEN p.is_spike THEN 'spike' END,
        CASE WHEN p.is_burst THEN 'burst' END,
        CASE WHEN p.is_new THEN 'new' END,
        CASE WHEN p.is_regression THEN 'regression' END,
        CASE WHEN p.is_cascade THEN 'cascade' END,
        CASE WHEN p.is_cross_namespace THEN 'cross_namespace' END,
        CASE WHEN p.is_silence THEN 'silence' END,
        CASE WHEN p.is_escalating THEN 'escalating' END
    ], NULL) AS flags,
    ARRAY(SELECT jsonb_object_keys(p.apps)) AS apps,
    p.root_cause ->> 'app' AS root_app,
    p.root_cause ->> 'confidence' AS confidence
FROM ailog_peak.peak_investigation AS p
INNER JOIN ailog_peak.incidents AS i ON i.incident_id = p.incident_id
WHERE p.window_start >= %(start)s AND p.window_start < %(end)s
ORDER BY p.window_start, p.namespace, p.problem_key;

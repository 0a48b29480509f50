INSERT INTO ailog_peak.service_health (window_start, namespace, app, run_id, errors, fingerprints, incidents, worst_severity)
SELECT
    e.window_start, e.namespace, e.app, %(run_id)s, sum(e.count)::bigint, count(DISTINCT e.fingerprint)::int,
    count(DISTINCT p.problem_key)::int,
    (array_agg(p.severity ORDER BY array_position(ARRAY['critical', 'high', 'medium', 'low', 'info'], p.severity))
        FILTER (WHERE p.severity IS NOT NULL))[1]
FROM ailog_peak.error_kind_counts AS e
LEFT JOIN ailog_peak.peak_investigation AS p
    ON p.window_start = e.window_start AND p.namespace = e.namespace AND p.problem_key = e.problem_key
WHERE e.window_start = ANY(%(windows)s)
GROUP BY e.window_start, e.namespace, e.app

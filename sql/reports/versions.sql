-- Which versions wrote the events of some incidents' problems in the span, with their events; an event without a version is in none.
SELECT k.problem_key, k.namespace, v.version, sum(k.count)::bigint AS events
FROM ailog_peak.error_kind_counts AS k
INNER JOIN unnest(%(problem_keys)s::text[], %(namespaces)s::text[]) AS asked (problem_key, namespace)
    ON asked.problem_key = k.problem_key AND asked.namespace = k.namespace
CROSS JOIN LATERAL unnest(k.versions) AS v (version)
WHERE k.window_start >= %(since)s AND k.window_start < %(until)s
GROUP BY k.problem_key, k.namespace, v.version
ORDER BY k.problem_key, k.namespace, v.version

-- The problems with most events in the run (without one: in the span), and how many there are.
SELECT
    k.problem_key, max(k.category) AS category, sum(k.count)::bigint AS events, bool_or(k.estimated) AS estimated,
    count(DISTINCT k.namespace)::integer AS namespaces, count(DISTINCT k.app)::integer AS services,
    min(k.first_event) AS first_event, max(k.last_event) AS last_event,
    count(*) OVER ()::integer AS problem_total
FROM ailog_peak.error_kind_counts AS k
INNER JOIN ailog_peak.analysis_run_windows AS w ON w.window_start = k.window_start
WHERE
    w.window_start >= %(since)s AND w.window_start < %(until)s
    AND k.window_start >= %(since)s AND k.window_start < %(until)s
    AND (%(run_id)s::uuid IS NULL OR w.run_id = %(run_id)s::uuid)
GROUP BY k.problem_key
ORDER BY sum(k.count) DESC, k.problem_key
LIMIT %(limit)s

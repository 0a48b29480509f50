-- The problems with most events over a span.
SELECT
    k.problem_key, max(k.category) AS category, sum(k.count)::bigint AS count, count(DISTINCT k.namespace) AS namespaces,
    min(k.first_event) AS first_event, max(k.last_event) AS last_event, count(*) OVER () AS problem_total
FROM ailog_peak.error_kind_counts AS k
WHERE
    (%(since)s::timestamptz IS NULL OR k.window_start >= %(since)s)
    AND (%(until)s::timestamptz IS NULL OR k.window_start < %(until)s)
GROUP BY k.problem_key
ORDER BY sum(k.count) DESC, k.problem_key ASC
LIMIT 20

-- Windows before and in the run's, not read by it, in which the run's namespaces saw what was declared fixed: by family, and by problem.
WITH member AS (
    SELECT f.family, f.family AS fingerprint FROM unnest(%(families)s::text[]) AS f (family)
    UNION DISTINCT
    SELECT s.family, s.fingerprint
    FROM ailog_staging.family AS s WHERE s.run_no = %(run_no)s AND s.family = ANY(%(families)s::text[])
),

place AS (
    SELECT m.family AS name, e.namespace, e.window_start, e.count
    FROM member AS m
    INNER JOIN ailog_peak.error_kind_counts AS e ON e.fingerprint = m.fingerprint
    WHERE e.window_start >= %(since)s AND e.window_start < %(last)s
    UNION ALL
    SELECT e.problem_key, e.namespace, e.window_start, e.count
    FROM ailog_peak.error_kind_counts AS e
    WHERE e.problem_key = ANY(%(problems)s) AND e.window_start >= %(since)s AND e.window_start < %(last)s
)

SELECT p.name, p.namespace, p.window_start, sum(p.count)::bigint AS events
FROM place AS p
WHERE p.namespace = ANY(%(namespaces)s) AND p.window_start <> ALL(%(windows)s)
GROUP BY p.name, p.namespace, p.window_start
HAVING sum(p.count) >= %(min_count)s
ORDER BY p.name, p.namespace, p.window_start

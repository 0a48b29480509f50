-- By how much the counts of problems changed in single windows.
SELECT u.window_start, u.namespace, u.problem_key, coalesce(n.count, 0) - coalesce(b.count, 0) AS late
FROM unnest(%(windows)s::timestamptz[], %(namespaces)s::text[], %(problems)s::text[]) AS u (window_start, namespace, problem_key)
LEFT JOIN counted_before AS b
    ON b.window_start = u.window_start AND b.namespace = u.namespace AND b.problem_key = u.problem_key
LEFT JOIN (
    SELECT e.window_start, e.namespace, e.problem_key, sum(e.count)::bigint AS count
    FROM ailog_peak.error_kind_counts AS e
    WHERE e.window_start = ANY(%(reread)s) AND e.problem_key = ANY(%(problems)s)
    GROUP BY e.window_start, e.namespace, e.problem_key
) AS n ON n.window_start = u.window_start AND n.namespace = u.namespace AND n.problem_key = u.problem_key
WHERE coalesce(n.count, 0) <> coalesce(b.count, 0)
ORDER BY u.window_start, u.namespace, u.problem_key

-- The problems of each namespace that are followed as series of their own: its largest of late, as far as they come often.
SELECT p.namespace, p.problem_key
FROM (
    SELECT
        e.namespace, e.problem_key, sum(e.count) AS events,
        row_number() OVER (PARTITION BY e.namespace ORDER BY sum(e.count) DESC, e.problem_key) AS place
    FROM ailog_peak.error_kind_counts AS e
    WHERE
        e.window_start >= %(start)s AND e.window_start < %(end)s AND e.namespace = ANY(%(namespaces)s)
    GROUP BY e.namespace, e.problem_key
    HAVING count(DISTINCT e.window_start) >= %(min_windows)s
) AS p
WHERE p.place <= %(top)s
ORDER BY p.namespace, p.problem_key

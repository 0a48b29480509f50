-- Counts of some problems, with the windows that the run reads itself as it read them.
SELECT c.window_start, c.namespace, c.problem_key, sum(c.count)::bigint AS count
FROM (
    SELECT e.window_start, e.namespace, e.problem_key, e.count
    FROM ailog_peak.error_kind_counts AS e
    WHERE
        e.window_start >= %(start)s AND e.window_start < %(end)s AND e.window_start <> ALL(%(windows)s)
        AND (e.namespace, e.problem_key) IN (
            SELECT u.namespace, u.subject FROM unnest(%(namespaces)s::text[], %(subjects)s::text[]) AS u (namespace, subject)
        )
    UNION ALL
    SELECT k.window_start, k.namespace, t.problem_key, k.count
    FROM ailog_staging.kind_count AS k
    INNER JOIN ailog_staging.template AS t
        ON t.run_no = k.run_no AND t.fingerprint = k.fingerprint AND t.namespace = k.namespace AND t.app = k.app
    WHERE
        k.run_no = %(run_no)s AND k.window_start >= %(start)s AND k.window_start < %(end)s
        AND (k.namespace, t.problem_key) IN (
            SELECT u.namespace, u.subject FROM unnest(%(namespaces)s::text[], %(subjects)s::text[]) AS u (namespace, subject)
        )
) AS c
GROUP BY c.window_start, c.namespace, c.problem_key

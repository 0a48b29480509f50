-- Counts of some problems and kinds, with the windows that the run reads itself as it read them.
WITH wanted AS (
    SELECT u.namespace, u.subject FROM unnest(%(namespaces)s::text[], %(subjects)s::text[]) AS u (namespace, subject)
),
counted AS (
    SELECT e.window_start, e.namespace, e.problem_key, e.fingerprint, e.count
    FROM ailog_peak.error_kind_counts AS e
    WHERE
        e.window_start >= %(start)s AND e.window_start < %(end)s AND e.namespace = ANY(%(namespaces)s)
        AND e.window_start <> ALL(%(windows)s)
    UNION ALL
    SELECT k.window_start, k.namespace, t.problem_key, lpad(to_hex(k.fingerprint), 16, '0') AS fingerprint, k.count
    FROM ailog_staging.kind_count AS k
    INNER JOIN ailog_staging.template AS t
        ON t.run_no = k.run_no AND t.fingerprint = k.fingerprint AND t.namespace = k.namespace AND t.app = k.app
    WHERE k.run_no = %(run_no)s AND k.window_start >= %(start)s AND k.window_start < %(end)s
),
part AS (
    SELECT c.window_start, w.namespace, w.subject, c.count
    FROM counted AS c
    INNER JOIN wanted AS w ON w.namespace = c.namespace AND w.subject = c.problem_key
    UNION ALL
    SELECT c.window_start, w.namespace, w.subject, c.count
    FROM counted AS c
    INNER JOIN wanted AS w ON w.namespace = c.namespace AND w.subject = c.fingerprint
)
SELECT p.window_start, p.namespace, p.subject, sum(p.count)::bigint AS count
FROM part AS p
GROUP BY p.window_start, p.namespace, p.subject

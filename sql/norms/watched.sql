-- What is followed as series of its own: the largest problems of each namespace of late, and the largest kinds of those problems that have
-- several, as far as they come often.
WITH kind AS (
    SELECT e.namespace, e.problem_key, e.fingerprint, sum(e.count) AS events, count(DISTINCT e.window_start) AS windows
    FROM ailog_peak.error_kind_counts AS e
    WHERE e.window_start >= %(start)s AND e.window_start < %(end)s AND e.namespace = ANY(%(namespaces)s)
    GROUP BY e.namespace, e.problem_key, e.fingerprint
),
several AS (
    SELECT k.namespace, k.problem_key FROM kind AS k GROUP BY k.namespace, k.problem_key HAVING count(*) > 1
),
series AS (
    SELECT e.namespace, e.problem_key AS subject, 'problem' AS grain, sum(e.count) AS events, count(DISTINCT e.window_start) AS windows
    FROM ailog_peak.error_kind_counts AS e
    WHERE e.window_start >= %(start)s AND e.window_start < %(end)s AND e.namespace = ANY(%(namespaces)s)
    GROUP BY e.namespace, e.problem_key
    UNION ALL
    SELECT k.namespace, k.fingerprint AS subject, 'kind' AS grain, sum(k.events) AS events, sum(k.windows) AS windows
    FROM kind AS k
    INNER JOIN several AS s ON s.namespace = k.namespace AND s.problem_key = k.problem_key
    GROUP BY k.namespace, k.fingerprint
),
ranked AS (
    SELECT s.namespace, s.subject, row_number() OVER (PARTITION BY s.namespace, s.grain ORDER BY s.events DESC, s.subject) AS place
    FROM series AS s
    WHERE s.windows >= %(min_windows)s
)
SELECT r.namespace, r.subject
FROM ranked AS r
WHERE r.place <= %(top)s
ORDER BY r.namespace, r.subject

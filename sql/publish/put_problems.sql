-- Problems of the run; new ones are numbered in the order in which they were first seen. People's columns are left alone. The names of
-- namespaces and applications are bounded: the first 200 in order, whatever came first.
WITH seen AS (
    SELECT
        t.problem_key, min(t.category) AS category, min(t.flow) AS flow, min(t.error_class) AS error_class,
        min(k.first_event) AS first_seen, max(k.last_event) AS last_seen,
        (array_agg(DISTINCT k.namespace ORDER BY k.namespace))[1:200] AS namespaces,
        (array_agg(DISTINCT k.app ORDER BY k.app))[1:200] AS apps
    FROM ailog_staging.template AS t
    INNER JOIN ailog_staging.kind_count AS k
        ON k.run_no = t.run_no AND k.fingerprint = t.fingerprint AND k.namespace = t.namespace AND k.app = t.app
    WHERE t.run_no = %(run_no)s AND k.window_start = ANY(%(windows)s)
    GROUP BY t.problem_key
),

numbered AS (
    SELECT s.problem_key, row_number() OVER (ORDER BY s.first_seen, s.problem_key) + (
        SELECT coalesce(max(substr(q.problem_id, 4)::bigint), 0) FROM ailog_peak.problems AS q
    ) AS place
    FROM seen AS s
    WHERE NOT EXISTS (SELECT 1 FROM ailog_peak.problems AS q WHERE q.problem_key = s.problem_key AND q.problem_id IS NOT NULL)
)

INSERT INTO ailog_peak.problems AS p (
    problem_key, category, flow, error_class, first_seen, last_seen, problem_id, namespaces, apps
)
SELECT
    s.problem_key, s.category, s.flow, s.error_class, s.first_seen, s.last_seen,
    'KP-' || repeat('0', 6 - length(n.place::text)) || n.place, s.namespaces, s.apps
FROM seen AS s
LEFT JOIN numbered AS n ON n.problem_key = s.problem_key
ON CONFLICT (problem_key) DO UPDATE SET
    first_seen = least(p.first_seen, excluded.first_seen),
    last_seen = greatest(p.last_seen, excluded.last_seen),
    problem_id = coalesce(p.problem_id, excluded.problem_id),
    namespaces = (SELECT (array_agg(DISTINCT u.n ORDER BY u.n))[1:200] FROM unnest(p.namespaces || excluded.namespaces) AS u (n)),
    apps = (SELECT (array_agg(DISTINCT u.n ORDER BY u.n))[1:200] FROM unnest(p.apps || excluded.apps) AS u (n))

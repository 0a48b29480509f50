-- Every problem of the complete windows that facts are kept for (since a moment, where one is given): its volumes, where it occurs, and
-- its newest verdict. What is compared comes from whole slots before: 2 hours of the 12 hours, days of the 7 days before the end.
WITH base AS (
    SELECT
        k.problem_key, k.namespace, k.app,
        sum(k.count) FILTER (WHERE %(since)s::timestamptz IS NULL OR k.window_start >= %(since)s::timestamptz)::bigint AS total,
        sum(k.count) FILTER (WHERE k.window_start >= %(as_of)s::timestamptz - interval '2 hours') AS recent_2h,
        sum(k.count) FILTER (
            WHERE k.window_start < %(as_of)s::timestamptz - interval '2 hours'
            AND k.window_start >= %(as_of)s::timestamptz - interval '12 hours'
            AND date_bin('2 hours', k.window_start, %(as_of)s::timestamptz) = ANY(%(slots_2h)s::timestamptz[])
        ) AS before_2h,
        sum(k.count) FILTER (WHERE k.window_start >= %(as_of)s::timestamptz - interval '24 hours') AS recent_24h,
        sum(k.count) FILTER (
            WHERE k.window_start < %(as_of)s::timestamptz - interval '24 hours'
            AND k.window_start >= %(as_of)s::timestamptz - interval '7 days'
            AND date_bin('1 day', k.window_start, %(as_of)s::timestamptz) = ANY(%(slots_24h)s::timestamptz[])
        ) AS before_24h,
        min(k.first_event) FILTER (WHERE %(since)s::timestamptz IS NULL OR k.window_start >= %(since)s::timestamptz) AS first_seen,
        max(k.last_event) FILTER (WHERE %(since)s::timestamptz IS NULL OR k.window_start >= %(since)s::timestamptz) AS last_seen
    FROM ailog_peak.error_kind_counts AS k
    -- Facts exist for windows of the ledger alone; the few that are not complete are quicker to leave out than the many to join.
    WHERE
        k.window_start < %(as_of)s
        AND (
            %(since)s::timestamptz IS NULL OR k.window_start >= least(%(since)s::timestamptz, %(as_of)s::timestamptz - interval '7 days')
        )
        AND k.window_start NOT IN (SELECT w.window_start FROM ailog_peak.analysis_run_windows AS w WHERE w.status <> 'complete')
    GROUP BY k.problem_key, k.namespace, k.app
),

problem AS (
    SELECT
        b.problem_key,
        sum(b.total)::bigint AS total,
        coalesce(sum(b.recent_2h), 0)::bigint AS recent_2h,
        coalesce(sum(b.before_2h), 0)::bigint AS before_2h,
        coalesce(sum(b.recent_24h), 0)::bigint AS recent_24h,
        coalesce(sum(b.before_24h), 0)::bigint AS before_24h,
        min(b.first_seen) AS first_seen,
        max(b.last_seen) AS last_seen,
        (array_agg(b.namespace ORDER BY b.last_seen DESC, b.namespace))[1] AS newest_namespace
    FROM base AS b
    WHERE b.total > 0
    GROUP BY b.problem_key
),

spaces AS (
    SELECT x.problem_key, jsonb_object_agg(x.namespace, x.total) AS namespaces
    FROM (SELECT b.problem_key, b.namespace, sum(b.total)::bigint AS total FROM base AS b WHERE b.total > 0 GROUP BY b.problem_key, b.namespace) AS x
    GROUP BY x.problem_key
),

services AS (
    SELECT x.problem_key, jsonb_object_agg(x.app, x.total) AS apps
    FROM (SELECT b.problem_key, b.app, sum(b.total)::bigint AS total FROM base AS b WHERE b.total > 0 GROUP BY b.problem_key, b.app) AS x
    GROUP BY x.problem_key
),

verdict AS (
    SELECT DISTINCT ON (v.problem_key) v.problem_key, v.severity, v.score, v.ratio, v.root_cause
    FROM ailog_peak.peak_investigation AS v
    INNER JOIN ailog_peak.analysis_run_windows AS w ON w.window_start = v.window_start AND w.status = 'complete'
    WHERE v.window_start < %(as_of)s
    ORDER BY v.problem_key, v.window_start DESC, v.score DESC, v.namespace
)

SELECT
    p.*, spaces.namespaces, services.apps, v.severity, v.score, v.ratio, v.root_cause,
    q.category, q.flow, q.error_class, q.status, q.problem_id, newest.sample
FROM problem AS p
INNER JOIN spaces ON spaces.problem_key = p.problem_key
INNER JOIN services ON services.problem_key = p.problem_key
LEFT JOIN verdict AS v ON v.problem_key = p.problem_key
LEFT JOIN ailog_peak.problems AS q ON q.problem_key = p.problem_key
CROSS JOIN LATERAL (
    SELECT k.sample
    FROM ailog_peak.error_kind_counts AS k
    WHERE k.problem_key = p.problem_key AND k.namespace = p.newest_namespace AND k.window_start < %(as_of)s
    ORDER BY k.window_start DESC, k.count DESC, k.fingerprint, k.app
    LIMIT 1
) AS newest
ORDER BY p.recent_2h DESC, p.recent_24h DESC, p.last_seen DESC, p.total DESC, p.problem_key
LIMIT %(limit)s

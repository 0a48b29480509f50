-- A span of windows as if one run had read it. What runs that reach out of the span read, or read twice, is not known of the span.
WITH due AS (
    SELECT g.window_start
    FROM generate_series(%(since)s::timestamptz, %(until)s::timestamptz - interval '15 minutes', interval '15 minutes') AS g (window_start)
),

word AS (
    SELECT d.window_start AS due_start, w.*
    FROM due AS d
    LEFT JOIN ailog_peak.analysis_run_windows AS w ON w.window_start = d.window_start
),

runs AS (
    SELECT r.*
    FROM ailog_peak.analysis_runs AS r
    WHERE r.run_id IN (SELECT w.run_id FROM word AS w)
),

ran AS (
    SELECT
        sum(r.windows) AS windows, sum(r.fetched)::bigint AS fetched, sum(r.rejected)::bigint AS rejected, sum(r.staged)::bigint AS staged,
        bool_or(r.sampled) AS sampled, bool_and(r.verdict = 'final') AS final, bool_and(r.verdict = 'baseline') AS baseline,
        CASE WHEN count(DISTINCT r.code_version) > 1 THEN 'several' ELSE min(r.code_version) END AS code_version,
        CASE WHEN count(DISTINCT r.config_hash) > 1 THEN 'several' ELSE min(r.config_hash) END AS config_hash,
        array(SELECT DISTINCT x.warning FROM runs AS y CROSS JOIN LATERAL unnest(y.warnings) AS x (warning) ORDER BY 1) AS warnings
    FROM runs AS r
),

read AS (
    SELECT
        count(*)::integer AS windows,
        count(w.window_start) AS known,
        count(*) FILTER (WHERE w.status = 'complete') AS complete,
        count(*) FILTER (WHERE w.status IN ('complete', 'partial')) AS counted,
        sum(w.expected)::bigint AS expected,
        sum(w.stored)::bigint AS stored
    FROM word AS w
)

SELECT
    NULL::uuid AS run_id, 'day' AS kind, %(since)s::timestamptz AS window_from, %(until)s::timestamptz AS window_to, d.windows,
    CASE WHEN d.complete = d.windows THEN 'complete' WHEN d.counted > 0 THEN 'partial' WHEN d.known > 0 THEN 'failed' ELSE 'unread' END
        AS status,
    CASE WHEN ran.final THEN 'final' WHEN ran.baseline THEN 'baseline' ELSE 'provisional' END AS verdict,
    d.expected, d.stored,
    CASE WHEN ran.windows = d.known THEN ran.fetched END AS fetched,
    CASE WHEN ran.windows = d.known THEN ran.rejected END AS rejected,
    CASE WHEN ran.windows = d.known THEN ran.staged END AS staged,
    coalesce(ran.sampled, false) AS sampled, NULL::double precision AS unknown_share, NULL::text AS error,
    coalesce(ran.code_version, 'none') AS code_version, coalesce(ran.config_hash, 'none') AS config_hash,
    coalesce(ran.warnings, '{}') AS warnings
FROM read AS d
CROSS JOIN ran

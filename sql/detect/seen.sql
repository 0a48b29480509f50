-- What the look-back knows of the run's families (a family that widens is no news): before the judged day, and window by window in it.
-- Windows that the run itself reads are left out.
WITH wanted AS (
    SELECT DISTINCT coalesce(s.family, f.fingerprint) AS family
    FROM unnest(%(fingerprints)s::text[]) AS f (fingerprint)
    LEFT JOIN ailog_staging.family AS s ON s.run_no = %(run_no)s AND s.fingerprint = f.fingerprint
),
member AS (
    SELECT w.family, w.family AS seen_as FROM wanted AS w
    UNION DISTINCT
    SELECT coalesce(s.family, f.fingerprint), f.fingerprint
    FROM unnest(%(fingerprints)s::text[]) AS f (fingerprint)
    LEFT JOIN ailog_staging.family AS s ON s.run_no = %(run_no)s AND s.fingerprint = f.fingerprint
    UNION DISTINCT
    SELECT w.family, s.fingerprint
    FROM wanted AS w
    INNER JOIN ailog_staging.family AS s ON s.run_no = %(run_no)s AND s.family = w.family
)
SELECT
    m.family AS fingerprint, e.environment,
    CASE WHEN e.window_start >= %(day)s THEN e.window_start END AS window_start,
    max(e.window_start) AS last_seen, sum(e.count)::bigint AS events
FROM member AS m
INNER JOIN ailog_peak.seen_kinds AS e ON e.fingerprint = m.seen_as
WHERE
    -- A restriction reaches the indexes below the view; a join alone does not.
    e.fingerprint = ANY(ARRAY(SELECT a.seen_as FROM member AS a))
    AND e.window_start >= %(day)s::timestamptz - make_interval(days => %(days)s)
    AND e.window_start < %(last)s
    AND e.window_start <> ALL(%(windows)s)
GROUP BY m.family, e.environment, CASE WHEN e.window_start >= %(day)s THEN e.window_start END
ORDER BY m.family, e.environment, window_start NULLS FIRST

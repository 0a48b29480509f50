-- What the look-back knows of the run's fingerprints, read through their families: a family that widens is no news.
WITH wanted AS (
    SELECT f.fingerprint, coalesce(s.family, f.fingerprint) AS family
    FROM unnest(%(fingerprints)s::text[]) AS f (fingerprint)
    LEFT JOIN ailog_staging.family AS s ON s.run_no = %(run_no)s AND s.fingerprint = f.fingerprint
),
member AS (
    SELECT w.fingerprint, w.fingerprint AS seen_as FROM wanted AS w
    UNION DISTINCT
    SELECT w.fingerprint, s.fingerprint
    FROM wanted AS w
    INNER JOIN ailog_staging.family AS s ON s.run_no = %(run_no)s AND s.family = w.family
)
SELECT m.fingerprint, e.environment, max(e.window_start) AS last_seen, sum(e.count)::bigint AS events
FROM member AS m
INNER JOIN ailog_peak.error_kind_counts AS e ON e.fingerprint = m.seen_as
WHERE
    e.window_start >= %(first)s::timestamptz - make_interval(days => %(days)s)
    AND e.window_start < %(first)s
GROUP BY m.fingerprint, e.environment
ORDER BY m.fingerprint, e.environment

-- Days that are kept for ever, and what is wrong with them: of no day between the first and the last is there nothing; some lack windows;
-- of some the facts hold less by now; and days that nothing catches up any more are to be rolled up by the next maintenance.
WITH
rolled AS (
    SELECT r.date, r.complete_windows, r.ledger_digest, r.refused_digest FROM ailog_peak.daily_rollup_days AS r
),
read AS (
    SELECT l.date, l.digest FROM ailog_peak.ledger_days('-infinity', %(settled)s) AS l WHERE l.windows > 0
),
calendar AS (
    SELECT g.day::date AS date
    FROM generate_series((SELECT min(r.date) FROM rolled AS r), (SELECT max(r.date) FROM rolled AS r), interval '1 day') AS g (day)
)
SELECT
    (SELECT count(*) FROM rolled) AS days,
    (
        SELECT coalesce(array_agg(c.date ORDER BY c.date), '{}') FROM calendar AS c
        WHERE c.date NOT IN (SELECT r.date FROM rolled AS r) AND c.date NOT IN (SELECT e.date FROM read AS e)
    ) AS missing,
    (SELECT coalesce(array_agg(r.date ORDER BY r.date), '{}') FROM rolled AS r WHERE r.complete_windows < 96) AS incomplete,
    (SELECT coalesce(array_agg(r.date ORDER BY r.date), '{}') FROM rolled AS r WHERE r.refused_digest IS NOT NULL) AS refused,
    (
        SELECT coalesce(array_agg(e.date ORDER BY e.date), '{}') FROM read AS e
        LEFT JOIN rolled AS r ON r.date = e.date
        WHERE r.date IS NULL OR r.ledger_digest <> e.digest AND r.refused_digest IS DISTINCT FROM e.digest
    ) AS waiting

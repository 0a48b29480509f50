-- The most events of a fingerprint within any stretch of the given seconds, for those with enough events to matter.
WITH
candidate AS (
    SELECT k.window_start, k.namespace, k.fingerprint, sum(k.count)::bigint AS count, min(k.kind_no) AS number, array_agg(k.kind_no) AS kinds
    FROM ailog_staging.kind_count AS k
    WHERE k.run_no = %(run_no)s
    GROUP BY k.window_start, k.namespace, k.fingerprint
    HAVING sum(k.count) >= %(min_count)s
),
member AS (
    SELECT c.number, m.kind_no FROM candidate AS c CROSS JOIN unnest(c.kinds) AS m (kind_no)
),
per_second AS (
    SELECT m.number, e.second::integer AS second, sum(e.weight) AS events
    FROM ailog_staging.classified_event AS e
    INNER JOIN member AS m ON m.kind_no = e.kind_no
    WHERE e.run_no = %(run_no)s
    GROUP BY m.number, e.second
),
sliding AS (
    SELECT number, sum(events) OVER (PARTITION BY number ORDER BY second RANGE BETWEEN %(reach)s PRECEDING AND CURRENT ROW) AS events
    FROM per_second
),
peak AS (
    SELECT number, max(events) AS densest
    FROM sliding
    GROUP BY number
)
SELECT c.window_start, c.namespace, lpad(to_hex(c.fingerprint), 16, '0') AS fingerprint, c.count, round(p.densest)::bigint AS densest
FROM candidate AS c
INNER JOIN peak AS p ON p.number = c.number
ORDER BY c.window_start, c.namespace, fingerprint

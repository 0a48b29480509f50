-- The most events of a fingerprint within any stretch of the given seconds, for those with enough events to matter.
WITH
candidate AS (
    SELECT k.window_start, k.namespace, k.fingerprint, sum(k.count)::bigint AS count
    FROM ailog_staging.kind_count AS k
    WHERE k.run_no = %(run_no)s
    GROUP BY k.window_start, k.namespace, k.fingerprint
    HAVING sum(k.count) >= %(min_count)s
),
per_second AS (
    SELECT e.window_start, e.namespace, e.fingerprint, extract(epoch FROM date_trunc('second', e.event_time))::integer AS second,
        sum(e.weight) AS events
    FROM ailog_staging.classified_event AS e
    WHERE
        e.run_no = %(run_no)s
        AND (e.window_start, e.namespace, e.fingerprint) IN (SELECT c.window_start, c.namespace, c.fingerprint FROM candidate AS c)
    GROUP BY e.window_start, e.namespace, e.fingerprint, second
),
sliding AS (
    SELECT window_start, namespace, fingerprint,
        sum(events) OVER (
            PARTITION BY window_start, namespace, fingerprint ORDER BY second RANGE BETWEEN %(reach)s PRECEDING AND CURRENT ROW
        ) AS events
    FROM per_second
),
peak AS (
    SELECT window_start, namespace, fingerprint, max(events) AS densest
    FROM sliding
    GROUP BY window_start, namespace, fingerprint
)
SELECT c.window_start, c.namespace, lpad(to_hex(c.fingerprint), 16, '0') AS fingerprint, c.count, round(p.densest)::bigint AS densest
FROM candidate AS c
INNER JOIN peak AS p ON p.window_start = c.window_start AND p.namespace = c.namespace AND p.fingerprint = c.fingerprint
ORDER BY c.window_start, c.namespace, fingerprint

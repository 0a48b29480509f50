-- Traces of the problems of namespaces in which something fired, and for the quiet time after it of what it fired for: at most so many each,
-- chosen by hash. What is open at the moment has no part in it, so that the choice is the same every time. Of a problem with very many
-- events only a part is looked at, by hash too; its traces are not counted then.
CREATE TEMP TABLE picked ON COMMIT DROP AS
WITH
fired AS (
    SELECT d.window_start, d.namespace, d.problem_key
    FROM ailog_staging.detection AS d
    WHERE d.run_no = %(run_no)s AND d.fired AND d.detector <> 'cascade'
    UNION DISTINCT
    SELECT d.window_start, d.namespace, d.problem_key
    FROM ailog_peak.detection_events AS d
    WHERE
        d.fired AND d.detector <> 'cascade' AND d.window_start <> ALL(%(windows)s)
        AND d.window_start >= %(first)s::timestamptz - make_interval(mins => %(quiet_minutes)s) AND d.window_start < %(last)s
),
problem AS MATERIALIZED (
    SELECT DISTINCT k.number, k.window_start, k.namespace, k.problem_key FROM kind AS k
),
wanted AS (
    SELECT n.number
    FROM problem AS n
    INNER JOIN fired AS f ON f.namespace = n.namespace AND f.window_start = n.window_start
    UNION DISTINCT
    SELECT n.number
    FROM problem AS n
    INNER JOIN fired AS f
        ON f.namespace = n.namespace AND f.problem_key = n.problem_key
        AND f.window_start <= n.window_start AND f.window_start >= n.window_start - make_interval(mins => %(quiet_minutes)s)
    UNION DISTINCT
    SELECT n.number
    FROM problem AS n
    INNER JOIN fired AS f
        ON f.namespace = n.namespace AND f.problem_key IS NULL
        AND f.window_start <= n.window_start AND f.window_start >= n.window_start - make_interval(mins => %(quiet_minutes)s)
),
part_of AS MATERIALIZED (
    SELECT k.kind_no, k.number, (sum(k.count) OVER (PARTITION BY k.number) / (20 * %(max_traces)s::bigint))::bigint AS part
    FROM kind AS k
    INNER JOIN wanted AS w ON w.number = k.number
),
traced AS (
    SELECT DISTINCT k.number, k.part > 1 AS thinned, hashtextextended(e.trace_id, 0) AS hash, e.trace_id
    FROM ailog_staging.classified_event AS e
    INNER JOIN part_of AS k ON k.kind_no = e.kind_no
    WHERE e.run_no = %(run_no)s AND e.trace_id IS NOT NULL AND (k.part <= 1 OR mod(hashtextextended(e.trace_id, 0), k.part) = 0)
),
numbered AS (
    SELECT
        number, trace_id,
        row_number() OVER (PARTITION BY number ORDER BY hash, trace_id) AS place,
        CASE WHEN NOT thinned THEN count(*) OVER (PARTITION BY number) END AS traces
    FROM traced
)
SELECT n.number, dense_rank() OVER (ORDER BY n.trace_id COLLATE "C") AS trace_no, n.trace_id, n.traces
FROM numbered AS n
WHERE n.place <= %(max_traces)s

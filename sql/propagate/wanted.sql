-- Kinds of the problems of namespaces in which something fired, and for the quiet time after it of what it fired for. What is open at the
-- moment has no part in it, so that the choice is the same every time. Of a problem with very many events one part in so many is looked at.
CREATE TEMP TABLE wanted ON COMMIT DROP AS
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
touched AS (
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
)
SELECT k.kind_no, k.number, (sum(k.count) OVER (PARTITION BY k.number) / (20 * %(max_traces)s::bigint))::bigint AS part
FROM kind AS k
INNER JOIN touched AS t ON t.number = k.number

-- Traces of the problems of namespaces in which something fired, and for the quiet time after it of what it fired for: at most so many each,
-- chosen by hash. What is open at the moment has no part in it, so that the choice is the same every time.
-- Of a problem with very many events only a part is looked at, by hash too; its traces are not counted then.
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
wanted AS (
    SELECT DISTINCT n.window_start, n.namespace, n.problem_key
    FROM (
        SELECT DISTINCT k.window_start, k.namespace, t.problem_key
        FROM ailog_staging.kind_count AS k
        INNER JOIN ailog_staging.template AS t
            ON t.run_no = k.run_no AND t.fingerprint = k.fingerprint AND t.namespace = k.namespace AND t.app = k.app
        WHERE k.run_no = %(run_no)s
    ) AS n
    INNER JOIN fired AS f
        ON f.namespace = n.namespace
        AND f.window_start <= n.window_start
        AND f.window_start >= n.window_start - make_interval(mins => %(quiet_minutes)s)
        AND (f.window_start = n.window_start OR f.problem_key IS NULL OR f.problem_key = n.problem_key)
),
problem AS (
    SELECT k.kind_no, k.window_start, k.namespace, t.problem_key, k.count
    FROM ailog_staging.kind_count AS k
    INNER JOIN ailog_staging.template AS t
        ON t.run_no = k.run_no AND t.fingerprint = k.fingerprint AND t.namespace = k.namespace AND t.app = k.app
    INNER JOIN wanted AS w ON w.window_start = k.window_start AND w.namespace = k.namespace AND w.problem_key = t.problem_key
    WHERE k.run_no = %(run_no)s
),
kind AS MATERIALIZED (
    SELECT
        kind_no, window_start, namespace, problem_key,
        min(kind_no) OVER same AS number,
        (sum(count) OVER same / (20 * %(max_traces)s::bigint))::bigint AS part
    FROM problem
    WINDOW same AS (PARTITION BY window_start, namespace, problem_key)
),
traced AS (
    SELECT DISTINCT k.number, k.part > 1 AS thinned, hashtextextended(e.trace_id, 0) AS hash, e.trace_id
    FROM ailog_staging.classified_event AS e
    INNER JOIN kind AS k ON k.kind_no = e.kind_no
    WHERE e.run_no = %(run_no)s AND e.trace_id IS NOT NULL AND (k.part <= 1 OR mod(hashtextextended(e.trace_id, 0), k.part) = 0)
),
numbered AS (
    SELECT
        number, trace_id,
        row_number() OVER (PARTITION BY number ORDER BY hash, trace_id) AS place,
        CASE WHEN NOT thinned THEN count(*) OVER (PARTITION BY number) END AS traces
    FROM traced
)
SELECT k.window_start, k.namespace, k.problem_key, n.trace_id, n.traces
FROM numbered AS n
INNER JOIN (SELECT DISTINCT number, window_start, namespace, problem_key FROM kind) AS k ON k.number = n.number
WHERE n.place <= %(max_traces)s

-- Traces of the problems that something fired for, and of those with an open incident: at most so many each, chosen by hash, so that the
-- choice is the same every time.
CREATE TEMP TABLE picked ON COMMIT DROP AS
WITH
wanted AS (
    SELECT DISTINCT d.window_start, d.namespace FROM ailog_staging.detection AS d WHERE d.run_no = %(run_no)s AND d.fired
),
problem AS (
    SELECT DISTINCT k.window_start, k.namespace, t.problem_key, k.app, k.fingerprint
    FROM ailog_staging.kind_count AS k
    INNER JOIN ailog_staging.template AS t
        ON t.run_no = k.run_no AND t.fingerprint = k.fingerprint AND t.namespace = k.namespace AND t.app = k.app
    WHERE
        k.run_no = %(run_no)s
        AND (
            (k.window_start, k.namespace) IN (SELECT w.window_start, w.namespace FROM wanted AS w)
            OR (k.namespace, t.problem_key) IN (SELECT i.namespace, i.problem_key FROM ailog_peak.incidents AS i WHERE i.status <> 'resolved')
        )
),
kind AS MATERIALIZED (
    SELECT
        window_start, namespace, problem_key, app, fingerprint,
        dense_rank() OVER (ORDER BY window_start, namespace, problem_key) AS number
    FROM problem
),
traced AS (
    -- A number instead of the problem's name: it is sorted with every trace.
    SELECT DISTINCT k.number, e.trace_id
    FROM ailog_staging.classified_event AS e
    INNER JOIN kind AS k
        ON k.window_start = e.window_start AND k.namespace = e.namespace AND k.app = e.app AND k.fingerprint = e.fingerprint
    WHERE e.run_no = %(run_no)s AND e.trace_id IS NOT NULL
),
numbered AS (
    SELECT
        number, trace_id,
        row_number() OVER (PARTITION BY number ORDER BY hashtextextended(trace_id, 0), trace_id) AS place,
        count(*) OVER (PARTITION BY number) AS traces
    FROM traced
)
SELECT k.window_start, k.namespace, k.problem_key, n.trace_id, n.traces
FROM numbered AS n
INNER JOIN (SELECT DISTINCT number, window_start, namespace, problem_key FROM kind) AS k ON k.number = n.number
WHERE n.place <= %(max_traces)s

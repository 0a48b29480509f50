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
traced AS (
    SELECT DISTINCT p.window_start, p.namespace, p.problem_key, e.trace_id
    FROM ailog_staging.classified_event AS e
    INNER JOIN problem AS p
        ON p.window_start = e.window_start AND p.namespace = e.namespace AND p.app = e.app AND p.fingerprint = e.fingerprint
    WHERE e.run_no = %(run_no)s AND e.trace_id IS NOT NULL
),
numbered AS (
    SELECT
        window_start, namespace, problem_key, trace_id,
        row_number() OVER (
            PARTITION BY window_start, namespace, problem_key ORDER BY hashtextextended(trace_id, 0), trace_id
        ) AS place,
        count(*) OVER (PARTITION BY window_start, namespace, problem_key) AS traces
    FROM traced
)
SELECT window_start, namespace, problem_key, trace_id, traces FROM numbered WHERE place <= %(max_traces)s

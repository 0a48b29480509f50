-- Mean events per complete window of each problem of the run in the week before the judged day, with the windows that the run reads again
-- as it read them. The windows are counted once, not once a row.
WITH
problem AS (
    SELECT DISTINCT t.problem_key FROM ailog_staging.template AS t WHERE t.run_no = %(run_no)s
),
counted AS (
    SELECT e.namespace, e.problem_key, e.count
    FROM ailog_peak.error_kind_counts AS e
    INNER JOIN problem AS p ON p.problem_key = e.problem_key
    WHERE
        e.window_start >= %(day)s::timestamptz - interval '7 days' AND e.window_start < %(day)s
        AND e.window_start <> ALL(%(windows)s)
    UNION ALL
    SELECT k.namespace, t.problem_key, k.count
    FROM ailog_staging.kind_count AS k
    INNER JOIN ailog_staging.template AS t
        ON t.run_no = k.run_no AND t.fingerprint = k.fingerprint AND t.namespace = k.namespace AND t.app = k.app
    WHERE
        k.run_no = %(run_no)s AND k.window_start = ANY(%(windows)s)
        AND k.window_start >= %(day)s::timestamptz - interval '7 days' AND k.window_start < %(day)s
),
windows AS (
    SELECT w.window_start
    FROM ailog_peak.analysis_run_windows AS w
    WHERE
        w.status = 'complete' AND w.window_start >= %(day)s::timestamptz - interval '7 days' AND w.window_start < %(day)s
        AND w.window_start <> ALL(%(windows)s)
    UNION ALL
    SELECT u.window_start
    FROM unnest(%(windows)s::timestamptz[]) AS u (window_start)
    WHERE u.window_start >= %(day)s::timestamptz - interval '7 days' AND u.window_start < %(day)s
)
SELECT c.namespace, c.problem_key, sum(c.count)::double precision / (SELECT greatest(count(*), 1) FROM windows) AS mean
FROM counted AS c
GROUP BY c.namespace, c.problem_key
ORDER BY c.namespace, c.problem_key

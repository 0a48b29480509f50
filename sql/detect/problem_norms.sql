-- Mean events per complete window of each problem of the run in the week before. The windows are counted once, not once a row.
SELECT
    e.namespace, e.problem_key,
    sum(e.count)::double precision / (
        SELECT greatest(count(*), 1)
        FROM ailog_peak.analysis_run_windows
        WHERE status = 'complete' AND window_start >= %(first)s::timestamptz - interval '7 days' AND window_start < %(first)s
    ) AS mean
FROM ailog_peak.error_kind_counts AS e
WHERE
    e.window_start >= %(first)s::timestamptz - interval '7 days' AND e.window_start < %(first)s
    AND e.problem_key IN (SELECT DISTINCT t.problem_key FROM ailog_staging.template AS t WHERE t.run_no = %(run_no)s)
GROUP BY e.namespace, e.problem_key
ORDER BY e.namespace, e.problem_key

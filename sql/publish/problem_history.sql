-- Mean events per complete window of each problem in the week before, in the namespaces that something fired for.
SELECT e.namespace, e.problem_key, sum(e.count)::double precision / max(w.windows) AS mean
FROM ailog_peak.error_kind_counts AS e
CROSS JOIN (
    SELECT greatest(count(*), 1) AS windows
    FROM ailog_peak.analysis_run_windows
    WHERE status = 'complete' AND window_start >= %(first)s::timestamptz - interval '7 days' AND window_start < %(first)s
) AS w
WHERE
    e.window_start >= %(first)s::timestamptz - interval '7 days' AND e.window_start < %(first)s
    AND e.namespace IN (SELECT d.namespace FROM ailog_staging.detection AS d WHERE d.run_no = %(run_no)s AND d.fired)
GROUP BY e.namespace, e.problem_key
ORDER BY e.namespace, e.problem_key

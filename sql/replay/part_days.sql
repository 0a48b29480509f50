-- Events of problems and kinds and windows that have them, by local day (days since the epoch) and namespace.
COPY (
    SELECT (x.day - date '1970-01-01')::integer, x.namespace, x.problem_key, x.subject, sum(x.count)::bigint, count(*)
    FROM (
        SELECT
            (e.window_start AT TIME ZONE %(timezone)s)::date AS day, e.namespace, e.problem_key,
            coalesce(e.fingerprint, e.problem_key) AS subject, e.window_start, sum(e.count) AS count
        FROM ailog_peak.error_kind_counts AS e
        WHERE e.window_start >= %(start)s AND e.window_start < %(end)s
        GROUP BY GROUPING SETS ((e.window_start, e.namespace, e.problem_key), (e.window_start, e.namespace, e.problem_key, e.fingerprint))
    ) AS x
    GROUP BY x.day, x.namespace, x.problem_key, x.subject
) TO STDOUT (FORMAT csv)

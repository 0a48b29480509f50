-- Events of problems by namespace, summed by UTC day.
COPY (
    SELECT (extract(epoch FROM e.day) / 86400)::integer, e.namespace, e.problem_key, sum(e.count)::bigint
    FROM (
        SELECT date_trunc('day', k.window_start, 'UTC') AS day, k.namespace, k.problem_key, k.count
        FROM ailog_peak.error_kind_counts AS k
        WHERE k.window_start >= %(start)s AND k.window_start < %(end)s
    ) AS e
    GROUP BY e.day, e.namespace, e.problem_key
) TO STDOUT (FORMAT csv)

-- What the look-back holds of kinds, summed by UTC day and stage.
COPY (
    SELECT (extract(epoch FROM e.window_start) / 86400)::integer AS day, e.fingerprint, e.environment, e.problem_key, sum(e.count)::bigint
    FROM (
        SELECT date_trunc('day', s.window_start, 'UTC') AS window_start, s.fingerprint, s.environment, s.problem_key, s.count
        FROM ailog_peak.seen_kinds AS s
        WHERE s.window_start >= %(start)s AND s.window_start < %(end)s
    ) AS e
    GROUP BY e.window_start, e.fingerprint, e.environment, e.problem_key
) TO STDOUT (FORMAT csv)

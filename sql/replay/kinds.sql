-- Kinds of some windows, by quarter hour since the epoch; times of events in microseconds.
COPY (
    SELECT
        (extract(epoch FROM e.window_start) / 900)::integer, e.namespace, e.app, e.fingerprint, e.problem_key, e.count,
        (extract(epoch FROM e.first_event) * 1000000)::bigint, (extract(epoch FROM e.last_event) * 1000000)::bigint
    FROM ailog_peak.error_kind_counts AS e
    WHERE e.window_start >= %(start)s AND e.window_start < %(end)s
    ORDER BY e.window_start, e.namespace, e.app, e.fingerprint
) TO STDOUT (FORMAT csv)

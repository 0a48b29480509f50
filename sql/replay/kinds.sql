-- Kinds of some windows as lines of CSV, one text a window: quarter hour since the epoch, namespace, app, fingerprint, problem, count, first
-- and last event in microseconds.
SELECT
    convert_to(
        string_agg(
            concat_ws(
                ',', (extract(epoch FROM e.window_start) / 900)::integer, '"' || replace(e.namespace, '"', '""') || '"',
                '"' || replace(e.app, '"', '""') || '"', e.fingerprint, '"' || replace(e.problem_key, '"', '""') || '"', e.count,
                (extract(epoch FROM e.first_event) * 1000000)::bigint, (extract(epoch FROM e.last_event) * 1000000)::bigint
            ),
            E'\n' ORDER BY e.namespace, e.app, e.fingerprint
        ),
        'UTF8'
    ) AS lines
FROM ailog_peak.error_kind_counts AS e
WHERE e.window_start >= %(start)s AND e.window_start < %(end)s
GROUP BY e.window_start
ORDER BY e.window_start

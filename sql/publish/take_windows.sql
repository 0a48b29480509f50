INSERT INTO ailog_peak.analysis_run_windows AS w (window_start, run_id, status, expected, stored)
SELECT
    u.window_start, %(run_id)s, %(status)s,
    (
        SELECT sum(c.errors)::bigint FROM ailog_staging.source_count AS c
        WHERE c.run_no = %(run_no)s AND c.window_start = u.window_start
    ),
    coalesce((SELECT sum(n.count)::bigint FROM ailog_peak.namespace_error_counts AS n WHERE n.window_start = u.window_start), 0)
FROM unnest(%(windows)s::timestamptz[]) AS u (window_start)
ON CONFLICT (window_start) DO UPDATE SET
    run_id = excluded.run_id, status = excluded.status, expected = excluded.expected, stored = excluded.stored

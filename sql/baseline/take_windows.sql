INSERT INTO ailog_peak.analysis_run_windows AS w (window_start, run_id, status, expected, stored)
SELECT n.window_start, %(run_id)s, 'complete', sum(n.count)::bigint, sum(n.count)::bigint
FROM ailog_peak.namespace_error_counts AS n
WHERE n.window_start = ANY(%(window_starts)s)
GROUP BY n.window_start
ON CONFLICT (window_start) DO UPDATE SET
    run_id = excluded.run_id, status = excluded.status, expected = excluded.expected, stored = excluded.stored

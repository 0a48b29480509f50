INSERT INTO ailog_peak.analysis_window_sources (window_start, source, expected)
SELECT u.window_start, o.source, coalesce(sum(c.errors), 0)::bigint
FROM unnest(%(windows)s::timestamptz[]) AS u (window_start)
CROSS JOIN ailog_staging.source_outcome AS o
LEFT JOIN ailog_staging.source_count AS c ON c.run_no = o.run_no AND c.source = o.source AND c.window_start = u.window_start
WHERE o.run_no = %(run_no)s AND o.status = 'complete'
GROUP BY u.window_start, o.source

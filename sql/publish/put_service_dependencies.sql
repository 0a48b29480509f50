INSERT INTO ailog_peak.service_dependencies (window_start, from_app, to_app, run_id, traces, by_span, median_gap_ms)
SELECT e.window_start, e.from_app, e.to_app, %(run_id)s, e.traces, e.by_span, e.median_gap_ms
FROM ailog_staging.trace_edge AS e
WHERE e.run_no = %(run_no)s AND e.window_start = ANY(%(windows)s)

INSERT INTO ailog_peak.cascade_failures (window_start, root_app, root_fingerprint, run_id, affected_apps, traces, example_trace)
SELECT c.window_start, c.root_app, c.root_fingerprint, %(run_id)s, c.affected_apps, c.traces, c.example_trace
FROM ailog_staging.cascade AS c
WHERE c.run_no = %(run_no)s AND c.window_start = ANY(%(windows)s)

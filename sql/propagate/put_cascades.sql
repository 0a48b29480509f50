INSERT INTO ailog_staging.cascade (run_no, window_start, root_app, root_fingerprint, affected_apps, traces, example_trace)
SELECT %(run_no)s, o.min_window, o.root_app, o.root_fingerprint, o.apps, o.traces::int, e.trace_id
FROM outbreak AS o
INNER JOIN example AS e ON e.trace_no = o.example

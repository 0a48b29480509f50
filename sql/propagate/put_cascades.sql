-- A cascade is an error whose trace shows errors of other services after it, in an order that clocks or spans prove;
-- one trace is an anecdote.
INSERT INTO ailog_staging.cascade (run_no, window_start, root_app, root_fingerprint, affected_apps, traces, example_trace)
SELECT
    %(run_no)s, min_window, root_app, root_fingerprint, array_agg(DISTINCT app ORDER BY app), count(DISTINCT trace_id)::int, min(trace_id)
FROM (
    SELECT o.trace_id, o.app AS root_app, lpad(to_hex(o.fingerprint), 16, '0') AS root_fingerprint, f.app,
        min(f.window_start) OVER (PARTITION BY o.trace_id) AS min_window
    FROM origin AS o
    INNER JOIN first_error AS f ON f.trace_id = o.trace_id AND f.app <> o.app
    WHERE o.ordered AND o.services > 1
) AS affected
GROUP BY min_window, root_app, root_fingerprint
HAVING count(DISTINCT trace_id) >= %(min_traces)s

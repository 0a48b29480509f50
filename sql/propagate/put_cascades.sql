-- A cascade is an error whose trace shows errors of other services after it, in an order that clocks or spans prove;
-- one trace is an anecdote.
INSERT INTO ailog_staging.cascade (run_no, window_start, root_app, root_fingerprint, affected_apps, traces, example_trace)
SELECT %(run_no)s, c.min_window, c.root_app, c.root_fingerprint, c.apps, c.traces::int, e.trace_id
FROM (
    SELECT
        a.min_window, a.root_app, a.root_fingerprint, array_agg(DISTINCT a.app ORDER BY a.app) AS apps, count(DISTINCT a.trace_no) AS traces,
        min(a.trace_no) AS example
    FROM (
        SELECT o.trace_no, r.app AS root_app, lpad(to_hex(r.fingerprint), 16, '0') AS root_fingerprint, k.app,
            min(k.window_start) OVER (PARTITION BY o.trace_no) AS min_window
        FROM origin AS o
        INNER JOIN first_error AS f ON f.trace_no = o.trace_no AND f.app_no <> o.app_no
        INNER JOIN kind AS r ON r.kind_no = o.kind_no
        INNER JOIN kind AS k ON k.kind_no = f.kind_no
        WHERE o.ordered AND o.services > 1
    ) AS a
    GROUP BY a.min_window, a.root_app, a.root_fingerprint
    HAVING count(DISTINCT a.trace_no) >= %(min_traces)s
) AS c
INNER JOIN (SELECT DISTINCT trace_no, trace_id FROM picked) AS e ON e.trace_no = c.example

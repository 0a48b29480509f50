-- A cascade is an error whose trace shows errors of other services after it, in an order that clocks or spans prove;
-- one trace is an anecdote.
CREATE TEMP TABLE outbreak ON COMMIT DROP AS
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

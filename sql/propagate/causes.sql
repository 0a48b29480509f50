-- Where the examined traces of each problem began, the most frequent first, with the trace that shows it best.
SELECT
    k.window_start, k.namespace, k.problem_key, f.traces,
    o.app, o.namespace AS origin_namespace, o.fingerprint, o.problem_key AS origin_problem, o.wrapper,
    f.examined, f.ordered, f.services, e.trace_id AS example_trace
FROM found AS f
INNER JOIN kind AS k ON k.kind_no = f.number
INNER JOIN kind AS o ON o.kind_no = f.kind_no
INNER JOIN example AS e ON e.trace_no = f.best
ORDER BY k.window_start, k.namespace, k.problem_key, f.examined DESC, o.app, o.fingerprint, o.namespace

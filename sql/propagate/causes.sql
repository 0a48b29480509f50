-- Where the examined traces of each problem began, with the trace that shows it best: the one with the most services, of these the first.
WITH
found AS (
    SELECT
        p.number, o.rank,
        min(o.kind_no) AS kind_no,
        max(p.traces)::bigint AS traces,
        count(*)::bigint AS examined,
        (count(*) FILTER (WHERE o.ordered))::bigint AS ordered,
        max(o.services)::int AS services,
        max(o.services * 1000000000000 - p.trace_no) AS best
    FROM picked AS p
    INNER JOIN origin AS o ON o.trace_no = p.trace_no
    GROUP BY p.number, o.rank
),
example AS (
    SELECT DISTINCT trace_no, trace_id FROM picked
)
SELECT
    k.window_start, k.namespace, k.problem_key, f.traces,
    o.app, o.namespace AS origin_namespace, o.fingerprint, o.problem_key AS origin_problem, o.wrapper,
    f.examined, f.ordered, f.services, e.trace_id AS example_trace
FROM found AS f
INNER JOIN kind AS k ON k.kind_no = f.number
INNER JOIN kind AS o ON o.kind_no = f.kind_no
INNER JOIN example AS e ON e.trace_no = f.services * 1000000000000 - f.best
ORDER BY k.window_start, k.namespace, k.problem_key, f.examined DESC, o.app, o.fingerprint, o.namespace

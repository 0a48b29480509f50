SELECT
    p.window_start, p.namespace, p.problem_key,
    max(p.traces)::bigint AS traces,
    o.app, o.namespace AS origin_namespace, o.fingerprint, o.problem_key AS origin_problem, o.wrapper,
    count(*)::bigint AS examined,
    (count(*) FILTER (WHERE o.ordered))::bigint AS ordered,
    max(o.services)::int AS services,
    (array_agg(o.trace_id ORDER BY o.services DESC, o.trace_id))[1] AS example_trace
FROM picked AS p
INNER JOIN origin AS o ON o.trace_id = p.trace_id
GROUP BY p.window_start, p.namespace, p.problem_key, o.app, o.namespace, o.fingerprint, o.problem_key, o.wrapper
ORDER BY p.window_start, p.namespace, p.problem_key, count(*) DESC, o.app, o.fingerprint, o.namespace

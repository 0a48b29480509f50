-- How many traces of the run the asked problems share in the asked namespaces. Of very many events a part is looked at, chosen by the hash
-- of the trace, so that a trace is there in both problems or in neither. No join of traces with themselves: each is grouped once.
WITH kinds AS MATERIALIZED (
    SELECT k.kind_no, t.problem_key, sum(k.count) OVER () AS events
    FROM ailog_staging.kind_count AS k
    INNER JOIN ailog_staging.template AS t
        ON t.run_no = k.run_no AND t.fingerprint = k.fingerprint AND t.namespace = k.namespace AND t.app = k.app
    WHERE k.run_no = %(run_no)s AND t.problem_key = ANY(%(problems)s) AND k.namespace = ANY(%(namespaces)s)
),

traced AS (
    SELECT e.trace_id, array_agg(DISTINCT k.problem_key) AS problems
    FROM ailog_staging.classified_event AS e
    INNER JOIN kinds AS k ON k.kind_no = e.kind_no
    WHERE
        e.run_no = %(run_no)s AND e.trace_id IS NOT NULL
        AND mod(abs(hashtextextended(e.trace_id, 0) / 2), greatest(1, (k.events / %(max_events)s)::bigint)) = 0
    GROUP BY e.trace_id
),

pairs AS MATERIALIZED (
    SELECT a.problem_key AS one, b.problem_key AS other, count(*)::integer AS shared
    FROM traced AS t
    CROSS JOIN LATERAL unnest(t.problems) AS a (problem_key)
    CROSS JOIN LATERAL unnest(t.problems) AS b (problem_key)
    WHERE a.problem_key <= b.problem_key
    GROUP BY a.problem_key, b.problem_key
)

SELECT p.one, p.other, p.shared, x.shared AS traces_of_one, y.shared AS traces_of_other
FROM pairs AS p
INNER JOIN pairs AS x ON x.one = p.one AND x.other = p.one
INNER JOIN pairs AS y ON y.one = p.other AND y.other = p.other
WHERE p.one < p.other
ORDER BY p.one, p.other

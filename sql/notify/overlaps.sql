-- How many traces of the run the asked problems share in the asked namespaces. Of very many events a part is looked at, chosen by the hash
-- of the trace, so that a trace is there in both problems or in neither.
WITH kinds AS (
    SELECT k.kind_no, t.problem_key, sum(k.count) OVER () AS events
    FROM ailog_staging.kind_count AS k
    INNER JOIN ailog_staging.template AS t
        ON t.run_no = k.run_no AND t.fingerprint = k.fingerprint AND t.namespace = k.namespace AND t.app = k.app
    WHERE k.run_no = %(run_no)s AND t.problem_key = ANY(%(problems)s) AND k.namespace = ANY(%(namespaces)s)
),

traced AS MATERIALIZED (
    SELECT DISTINCT k.problem_key, e.trace_id
    FROM ailog_staging.classified_event AS e
    INNER JOIN kinds AS k ON k.kind_no = e.kind_no
    WHERE
        e.run_no = %(run_no)s AND e.trace_id IS NOT NULL
        AND mod(abs(hashtextextended(e.trace_id, 0) / 2), greatest(1, (k.events / %(max_events)s)::bigint)) = 0
),

totals AS (
    SELECT t.problem_key, count(*) AS traces
    FROM traced AS t
    GROUP BY t.problem_key
)

SELECT a.problem_key AS one, b.problem_key AS other, count(*)::integer AS shared,
    min(p.traces)::integer AS traces_of_one, min(q.traces)::integer AS traces_of_other
FROM traced AS a
INNER JOIN traced AS b ON b.trace_id = a.trace_id AND b.problem_key > a.problem_key
INNER JOIN totals AS p ON p.problem_key = a.problem_key
INNER JOIN totals AS q ON q.problem_key = b.problem_key
GROUP BY a.problem_key, b.problem_key
ORDER BY a.problem_key, b.problem_key

-- Where the picked traces of each problem began; "best" is the trace that shows it best: the one with the most services, of these the first.
CREATE TEMP TABLE found ON COMMIT DROP AS
SELECT
    p.number, o.rank,
    min(o.kind_no) AS kind_no,
    max(p.traces)::bigint AS traces,
    count(*)::bigint AS examined,
    (count(*) FILTER (WHERE o.ordered))::bigint AS ordered,
    max(o.services)::int AS services,
    max(o.services) * 1000000000000 - max(o.services * 1000000000000 - p.trace_no) AS best
FROM picked AS p
INNER JOIN origin AS o ON o.trace_no = p.trace_no
GROUP BY p.number, o.rank

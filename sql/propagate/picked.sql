-- Traces of the wanted problems: at most so many each, chosen by hash. Of a problem with very many events only a part is looked at, by hash
-- too; its traces are not counted then. A trace goes by the hash of its id: of a terrible day a million are sorted and joined.
CREATE TEMP TABLE picked ON COMMIT DROP AS
WITH
traced AS (
    SELECT DISTINCT w.number, w.part > 1 AS thinned, hashtextextended(e.trace_id, 0) AS hash
    FROM ailog_staging.classified_event AS e
    INNER JOIN wanted AS w ON w.kind_no = e.kind_no
    WHERE e.run_no = %(run_no)s AND e.trace_id IS NOT NULL AND (w.part <= 1 OR mod(hashtextextended(e.trace_id, 0), w.part) = 0)
),
numbered AS (
    SELECT
        number, hash,
        row_number() OVER (PARTITION BY number ORDER BY hash) AS place,
        CASE WHEN NOT thinned THEN count(*) OVER (PARTITION BY number) END AS traces
    FROM traced
)
SELECT n.number, dense_rank() OVER (ORDER BY n.hash) AS trace_no, n.hash, n.traces
FROM numbered AS n
WHERE n.place <= %(max_traces)s

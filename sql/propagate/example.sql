-- The ids of the traces that are shown.
CREATE TEMP TABLE example ON COMMIT DROP AS
WITH shown AS (
    SELECT c.trace_no, c.hash
    FROM chosen AS c
    WHERE c.trace_no IN (SELECT f.best FROM found AS f UNION DISTINCT SELECT o.example FROM outbreak AS o)
)
SELECT s.trace_no, min(e.trace_id COLLATE "C") AS trace_id
FROM ailog_staging.classified_event AS e
INNER JOIN shown AS s ON s.hash = hashtextextended(e.trace_id, 0)
WHERE e.run_no = %(run_no)s
GROUP BY s.trace_no

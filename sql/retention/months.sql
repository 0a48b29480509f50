-- Months of a table, oldest first, with the rows that the planner knows of; below zero: it was never told.
SELECT
    c.relname AS name, to_date(right(c.relname, 7), 'YYYY"m"MM') AS month, c.reltuples::bigint AS rows,
    pg_total_relation_size(c.oid) AS bytes
FROM pg_inherits AS i
INNER JOIN pg_class AS c ON c.oid = i.inhrelid
WHERE i.inhparent = ('ailog_peak.' || %(table)s)::regclass
ORDER BY month

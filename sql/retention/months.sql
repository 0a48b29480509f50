-- Months of a table, oldest first, with what they hold at a guess.
SELECT
    c.relname AS name, to_date(right(c.relname, 7), 'YYYY"m"MM') AS month, greatest(c.reltuples, 0)::bigint AS rows,
    pg_total_relation_size(c.oid) AS bytes
FROM pg_inherits AS i
INNER JOIN pg_class AS c ON c.oid = i.inhrelid
WHERE i.inhparent = ('ailog_peak.' || %(table)s)::regclass
ORDER BY month

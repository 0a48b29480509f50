-- Months that any partitioned table has.
SELECT DISTINCT to_date(right(c.relname, 7), 'YYYY"m"MM') AS month
FROM pg_inherits AS i
INNER JOIN pg_class AS c ON c.oid = i.inhrelid
INNER JOIN pg_class AS t ON t.oid = i.inhparent
WHERE t.relnamespace = 'ailog_peak'::regnamespace AND t.relkind = 'p'
ORDER BY month

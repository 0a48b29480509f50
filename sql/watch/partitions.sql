-- Partitioned tables without a partition that begins with this month.
SELECT c.relname
FROM pg_class AS c
INNER JOIN pg_namespace AS n ON n.oid = c.relnamespace
WHERE
    n.nspname = 'ailog_peak' AND c.relkind = 'p' AND NOT c.relispartition
    AND NOT EXISTS (
        SELECT 1
        FROM pg_inherits AS i
        INNER JOIN pg_class AS p ON p.oid = i.inhrelid
        WHERE i.inhparent = c.oid AND pg_get_expr(p.relpartbound, p.oid) LIKE '%%FROM (''' || %(month)s || '%%'
    )
ORDER BY c.relname

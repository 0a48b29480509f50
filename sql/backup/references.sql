SELECT DISTINCT c.relname AS child, p.relname AS parent
FROM pg_constraint AS k
INNER JOIN pg_class AS c ON c.oid = k.conrelid
INNER JOIN pg_class AS p ON p.oid = k.confrelid
WHERE k.contype = 'f' AND k.connamespace = 'ailog_peak'::regnamespace AND k.conrelid <> k.confrelid

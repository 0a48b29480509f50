SELECT
    n.nspname AS schema_name,
    c.relname AS table_name,
    current_user AS role_name,
    has_table_privilege(c.oid, 'SELECT') AS readable,
    has_table_privilege(c.oid, 'INSERT') AS insertable,
    has_table_privilege(c.oid, 'UPDATE') AS updatable,
    has_table_privilege(c.oid, 'DELETE') AS deletable
FROM pg_class AS c
INNER JOIN pg_namespace AS n ON n.oid = c.relnamespace
WHERE
    n.nspname IN ('ailog_peak', 'ailog_staging')
    AND c.relkind IN ('r', 'p')
    AND NOT c.relispartition
ORDER BY n.nspname, c.relname

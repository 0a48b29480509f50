SELECT
    count(*) FILTER (WHERE NOT c.relispartition)::integer AS tables,
    count(*) FILTER (WHERE c.relispartition)::integer AS partitions
FROM pg_class AS c
INNER JOIN pg_namespace AS n ON n.oid = c.relnamespace
WHERE n.nspname IN ('ailog_peak', 'ailog_staging') AND c.relkind IN ('r', 'p')

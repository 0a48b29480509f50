-- Every table of the product but the record of its migrations, which a backup holds as its version. Columns in the order of their names.
SELECT
    c.relname AS name,
    array_agg(a.attname::text ORDER BY a.attname) AS columns,
    array_agg(format_type(a.atttypid, a.atttypmod) ORDER BY a.attname) AS types,
    max(a.attname::text) FILTER (WHERE a.attidentity <> '') AS identity
FROM pg_class AS c
INNER JOIN pg_attribute AS a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped AND a.attgenerated = ''
WHERE c.relnamespace = 'ailog_peak'::regnamespace AND c.relkind IN ('r', 'p') AND NOT c.relispartition AND c.relname <> 'schema_migrations'
GROUP BY c.relname
ORDER BY c.relname

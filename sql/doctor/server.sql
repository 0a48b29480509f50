SELECT
    current_setting('server_version') AS version,
    current_setting('server_version_num')::integer AS version_num,
    clock_timestamp() AS now,
    current_user AS role_name,
    r.rolsuper AS is_superuser,
    (
        SELECT count(*) FROM pg_class AS c INNER JOIN pg_namespace AS n ON n.oid = c.relnamespace
        WHERE n.nspname IN ('ailog_peak', 'ailog_staging') AND c.relkind IN ('r', 'p') AND pg_has_role(c.relowner, 'USAGE')
    )::integer AS owned_tables
FROM pg_roles AS r
WHERE r.rolname = current_user

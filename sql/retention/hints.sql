-- Tables of which so much is dead that autovacuum does not keep up.
SELECT s.relname AS name, s.n_live_tup AS live, s.n_dead_tup AS dead
FROM pg_stat_user_tables AS s
WHERE s.schemaname IN ('ailog_peak', 'ailog_staging') AND s.n_dead_tup > 50000 AND s.n_dead_tup > s.n_live_tup
ORDER BY s.n_dead_tup DESC, s.relname
LIMIT 10

SELECT m.name, m.checksum FROM ailog_peak.schema_migrations AS m ORDER BY m.name

CREATE TABLE IF NOT EXISTS ailog_peak.schema_migrations (
    name       text PRIMARY KEY,
    checksum   text NOT NULL,
    applied_at timestamptz NOT NULL,
    ms         integer NOT NULL
)

GRANT USAGE ON SCHEMA ailog_peak, ailog_staging TO {role};
REVOKE ALL ON ALL TABLES IN SCHEMA ailog_peak, ailog_staging FROM {role};
GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA ailog_peak TO {role};
REVOKE INSERT, UPDATE, DELETE ON ailog_peak.schema_migrations FROM {role};
REVOKE UPDATE, DELETE ON ailog_peak.audit_log, ailog_peak.threshold_snapshot_runs, ailog_peak.threshold_snapshot_values, ailog_peak.family_decisions,
    ailog_peak.fingerprint_aliases FROM {role};
GRANT SELECT, INSERT, UPDATE, DELETE, TRUNCATE ON ALL TABLES IN SCHEMA ailog_staging TO {role};
REVOKE ALL ON FUNCTION ailog_peak.ensure_partitions(timestamptz, timestamptz) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION ailog_peak.ensure_partitions(timestamptz, timestamptz) TO {role};
REVOKE ALL ON FUNCTION ailog_peak.drop_month(text, date), ailog_peak.forget_signatures(timestamptz), ailog_peak.forget_snapshots(timestamptz),
    ailog_peak.refresh_statistics() FROM PUBLIC;
GRANT EXECUTE ON FUNCTION ailog_peak.drop_month(text, date), ailog_peak.forget_signatures(timestamptz), ailog_peak.forget_snapshots(timestamptz),
    ailog_peak.refresh_statistics() TO {role}

-- Calendars as data; thresholds that nobody can change once they are published.

CREATE TABLE ailog_peak.calendar_entries (
    entry_id   text PRIMARY KEY CHECK (entry_id <> ''),
    kind       text NOT NULL CHECK (kind IN ('maintenance', 'holiday', 'batch')),
    namespaces text[] NOT NULL CHECK (cardinality(namespaces) > 0),
    timezone   text NOT NULL,
    starts_at  timestamptz,
    ends_at    timestamptz,
    weekdays   smallint[] NOT NULL DEFAULT '{}',
    local_time time,
    minutes    integer CHECK (minutes > 0),
    day        date,
    calendar   text,
    valid_from timestamptz,
    expires_at timestamptz,
    owner      text NOT NULL CHECK (owner <> ''),
    reason     text NOT NULL CHECK (reason <> ''),
    created_at timestamptz NOT NULL,
    created_by text NOT NULL,
    removed_at timestamptz,
    removed_by text,
    CHECK ((starts_at IS NULL) = (ends_at IS NULL)),
    CHECK (starts_at < ends_at),
    CHECK (valid_from < expires_at),
    CHECK ((kind = 'holiday') = (day IS NOT NULL)),
    CHECK ((local_time IS NULL) = (minutes IS NULL) AND (local_time IS NULL) = (cardinality(weekdays) = 0)),
    CHECK (num_nonnulls(starts_at, day, local_time) = 1),
    CHECK ((removed_at IS NULL) = (removed_by IS NULL))
);
COMMENT ON TABLE ailog_peak.calendar_entries IS
    'Maintenance windows, holidays and batch slots. What is expired stays and explains the windows before; what is removed no longer counts.';
COMMENT ON COLUMN ailog_peak.calendar_entries.weekdays IS '0 (Monday) to 6, in the time zone of the entry, as local_time is.';
COMMENT ON COLUMN ailog_peak.calendar_entries.minutes IS 'Width of each occurrence.';

ALTER TABLE ailog_peak.threshold_snapshot_runs
    ADD COLUMN weeks integer,
    ADD COLUMN withheld jsonb NOT NULL DEFAULT '[]',
    ADD COLUMN warnings text[] NOT NULL DEFAULT '{}';
COMMENT ON COLUMN ailog_peak.threshold_snapshot_runs.withheld IS
    'Weekdays of namespaces that got no limit of their own, because more of their windows were left out than kept: namespace, weekday, kept, dropped.';
ALTER TABLE ailog_peak.threshold_snapshot_values ADD COLUMN dropped bigint NOT NULL DEFAULT 0;
COMMENT ON COLUMN ailog_peak.threshold_snapshot_values.dropped IS 'Windows of the weekday (CAP: of the namespace) that were read and left out.';

CREATE OR REPLACE VIEW ailog_peak.threshold_snapshot_latest AS
SELECT r.* FROM ailog_peak.threshold_snapshot_runs AS r
WHERE r.status = 'complete' ORDER BY r.trained_to DESC, r.created_at DESC LIMIT 1;

-- A verdict names the snapshot that it was judged by: no right suffices to change one. Only the owner of the table may drop a whole snapshot.
CREATE FUNCTION ailog_peak.keep_snapshots() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    IF TG_OP = 'DELETE' AND pg_has_role(current_user, (SELECT c.relowner FROM pg_class AS c WHERE c.oid = TG_RELID), 'USAGE') THEN
        RETURN OLD;
    END IF;
    RAISE EXCEPTION 'threshold snapshots are immutable: % of % is refused; train a new one', TG_OP, TG_TABLE_NAME
        USING ERRCODE = 'insufficient_privilege';
END $$;
CREATE TRIGGER keep_snapshots BEFORE UPDATE OR DELETE ON ailog_peak.threshold_snapshot_runs
    FOR EACH ROW EXECUTE FUNCTION ailog_peak.keep_snapshots();
CREATE TRIGGER keep_snapshots BEFORE UPDATE OR DELETE ON ailog_peak.threshold_snapshot_values
    FOR EACH ROW EXECUTE FUNCTION ailog_peak.keep_snapshots();

-- Totals that were imported know no kinds of errors: the look-back for new kinds must not take their windows for read.
CREATE VIEW ailog_peak.imported_windows AS
SELECT w.window_start, w.run_id
FROM ailog_peak.analysis_run_windows AS w
INNER JOIN ailog_peak.analysis_run_sources AS s ON s.run_id = w.run_id
WHERE s.source = 'import';

-- The run ledger: which windows were read, how completely, by which code and settings.
-- One row per run and range of windows; a window belongs to the last complete run that covers it.

CREATE TABLE ailog_peak.analysis_runs (
    run_id        uuid PRIMARY KEY,
    kind          text NOT NULL CHECK (kind IN ('regular', 'backfill', 'init', 'manual')),
    window_from   timestamptz NOT NULL,
    window_to     timestamptz NOT NULL,
    windows       integer NOT NULL CHECK (windows > 0),
    status        text NOT NULL CHECK (status IN ('running', 'complete', 'partial', 'failed', 'superseded')),
    verdict       text NOT NULL DEFAULT 'provisional' CHECK (verdict IN ('provisional', 'final', 'baseline')),
    expected      bigint,
    fetched       bigint,
    rejected      bigint,
    staged        bigint,
    stored        bigint,
    sampled       boolean NOT NULL DEFAULT false,
    unknown_share double precision,
    incidents     integer,
    error         text,
    code_version  text NOT NULL,
    config_hash   text NOT NULL,
    snapshot_id   uuid,
    superseded_by uuid,
    triggered_by  text,
    started_at    timestamptz NOT NULL,
    completed_at  timestamptz,
    CHECK (window_from < window_to)
);
COMMENT ON TABLE ailog_peak.analysis_runs IS 'Run ledger: expected = fetched = staged + rejected, staged = stored.';
CREATE INDEX analysis_runs_by_window ON ailog_peak.analysis_runs (window_from DESC, status);

CREATE TABLE ailog_peak.analysis_run_windows (
    window_start timestamptz PRIMARY KEY,
    run_id       uuid NOT NULL REFERENCES ailog_peak.analysis_runs,
    status       text NOT NULL CHECK (status IN ('complete', 'partial', 'failed')),
    expected     bigint,
    stored       bigint NOT NULL DEFAULT 0
);
COMMENT ON TABLE ailog_peak.analysis_run_windows IS 'The run whose word counts for a window; only complete windows train thresholds.';

CREATE TABLE ailog_peak.analysis_run_sources (
    run_id    uuid NOT NULL REFERENCES ailog_peak.analysis_runs ON DELETE CASCADE,
    source    text NOT NULL,
    status    text NOT NULL CHECK (status IN ('running', 'complete', 'failed')),
    expected  bigint,
    fetched   bigint,
    rejected  bigint,
    repaired  bigint,
    staged    bigint,
    sampled   boolean NOT NULL DEFAULT false,
    error     text,
    PRIMARY KEY (run_id, source)
);

CREATE TABLE ailog_peak.rejected_event (
    run_id       uuid NOT NULL REFERENCES ailog_peak.analysis_runs ON DELETE CASCADE,
    source       text NOT NULL,
    ref          text NOT NULL,
    reason       text NOT NULL,
    action       text NOT NULL CHECK (action IN ('quarantined', 'repaired')),
    detail       text,
    PRIMARY KEY (run_id, source, ref, reason)
);
COMMENT ON TABLE ailog_peak.rejected_event IS 'Records that could not be taken as they came: why, and whether they were set aside or mended. Never their text.';

CREATE TABLE ailog_peak.audit_log (
    audit_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    at       timestamptz NOT NULL DEFAULT now(),
    actor    text NOT NULL,
    action   text NOT NULL,
    subject  text NOT NULL,
    detail   jsonb NOT NULL DEFAULT '{}'
);

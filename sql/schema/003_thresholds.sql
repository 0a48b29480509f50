-- Thresholds: immutable snapshots. Detection reads the newest complete one and records its id.

CREATE TABLE ailog_peak.threshold_snapshot_runs (
    snapshot_id      uuid PRIMARY KEY,
    status           text NOT NULL CHECK (status IN ('running', 'complete', 'failed')),
    percentile_level double precision NOT NULL CHECK (percentile_level > 0 AND percentile_level < 1),
    trained_from     timestamptz NOT NULL,
    trained_to       timestamptz NOT NULL,
    windows_used     bigint NOT NULL,
    windows_dropped  jsonb NOT NULL DEFAULT '{}',
    default_threshold double precision NOT NULL,
    min_samples      integer NOT NULL,
    code_version     text NOT NULL,
    config_hash      text NOT NULL,
    created_at       timestamptz NOT NULL DEFAULT now()
);

-- weekday 0 (Monday) to 6, UTC: the P93 of that namespace and weekday; weekday null: the namespace's CAP.
CREATE TABLE ailog_peak.threshold_snapshot_values (
    snapshot_id   uuid NOT NULL REFERENCES ailog_peak.threshold_snapshot_runs ON DELETE CASCADE,
    namespace     text NOT NULL,
    weekday       smallint CHECK (weekday BETWEEN 0 AND 6),
    threshold     double precision NOT NULL CHECK (threshold >= 0),
    samples       bigint NOT NULL,
    median        double precision NOT NULL,
    mean          double precision NOT NULL,
    maximum       double precision NOT NULL,
    UNIQUE NULLS NOT DISTINCT (snapshot_id, namespace, weekday)
);

CREATE VIEW ailog_peak.threshold_snapshot_latest AS
SELECT r.* FROM ailog_peak.threshold_snapshot_runs AS r
WHERE r.status = 'complete' ORDER BY r.trained_to DESC, r.created_at DESC LIMIT 1;

CREATE VIEW ailog_peak.peak_thresholds AS
SELECT v.namespace, v.weekday AS day_of_week, v.threshold AS percentile_value, r.percentile_level,
    v.samples AS sample_count, v.median AS median_value, v.mean AS mean_value, v.maximum AS max_value, r.snapshot_id
FROM ailog_peak.threshold_snapshot_latest AS r
INNER JOIN ailog_peak.threshold_snapshot_values AS v ON v.snapshot_id = r.snapshot_id
WHERE v.weekday IS NOT NULL;

CREATE VIEW ailog_peak.peak_threshold_caps AS
SELECT v.namespace, v.threshold AS cap_value, v.samples AS sample_count, v.median AS median_percentile,
    v.mean AS avg_percentile, v.maximum AS max_percentile, r.snapshot_id
FROM ailog_peak.threshold_snapshot_latest AS r
INNER JOIN ailog_peak.threshold_snapshot_values AS v ON v.snapshot_id = r.snapshot_id
WHERE v.weekday IS NULL;

-- Rolling mean, deviation and samples per slot of the UTC week, from complete windows only.
CREATE TABLE ailog_peak.aggregation_data (
    weekday   smallint NOT NULL CHECK (weekday BETWEEN 0 AND 6),
    hour      smallint NOT NULL CHECK (hour BETWEEN 0 AND 23),
    quarter   smallint NOT NULL CHECK (quarter BETWEEN 0 AND 3),
    namespace text NOT NULL,
    mean      double precision NOT NULL,
    stddev    double precision NOT NULL,
    samples   bigint NOT NULL,
    snapshot_id uuid NOT NULL,
    PRIMARY KEY (weekday, hour, quarter, namespace)
);

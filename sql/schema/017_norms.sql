-- What is usual of a series of counts, and the margin that keeps the budget of false alarms.

CREATE TABLE ailog_peak.series_days (
    day       date NOT NULL,
    namespace text NOT NULL,
    subject   text NOT NULL,
    final     boolean NOT NULL,
    record    bytea NOT NULL,
    scores    bytea NOT NULL,
    state     bytea NOT NULL,
    PRIMARY KEY (day, namespace, subject)
);
COMMENT ON TABLE ailog_peak.series_days IS
    'A local day of a namespace as it was judged and is remembered: the sufficient statistics of the norms of later days. Made from the facts, '
    'and kept longer than they are. Arrays of 8-byte floats.';
COMMENT ON COLUMN ailog_peak.series_days.subject IS 'Whose counts: "namespace", or the key of a problem.';
COMMENT ON COLUMN ailog_peak.series_days.final IS 'Made from windows with their final word.';
COMMENT ON COLUMN ailog_peak.series_days.scores IS 'Of its 96 quarter hours: -ln of the probability by chance; NaN where nothing was judged.';
COMMENT ON COLUMN ailog_peak.series_days.state IS 'What is carried into the next day: open episode, accepted level, the last windows.';

CREATE TABLE ailog_peak.series_norms (
    day       date NOT NULL,
    namespace text NOT NULL,
    subject   text NOT NULL,
    final     boolean NOT NULL,
    norm      bytea NOT NULL,
    PRIMARY KEY (day, namespace, subject)
);
COMMENT ON TABLE ailog_peak.series_norms IS
    'What is usual on a local day, learned from the days before it; made once, so that a window that is judged again has the same verdict.';

ALTER TABLE ailog_peak.threshold_snapshot_runs
    ADD COLUMN budget double precision,
    ADD COLUMN spend text,
    ADD COLUMN alarm_limit double precision,
    ADD COLUMN expected_false double precision,
    ADD COLUMN expected_incidents double precision,
    ADD COLUMN series_weeks double precision;
COMMENT ON COLUMN ailog_peak.threshold_snapshot_runs.alarm_limit IS
    'The score above which a window is an alarm: solved so that at most budget false alarms a namespace and week are made.';
COMMENT ON COLUMN ailog_peak.threshold_snapshot_runs.expected_false IS 'False alarms a namespace and week at that limit, as estimated from history.';

CREATE OR REPLACE VIEW ailog_peak.threshold_snapshot_latest AS
SELECT r.* FROM ailog_peak.threshold_snapshot_runs AS r
WHERE r.status = 'complete' ORDER BY r.trained_to DESC, r.created_at DESC LIMIT 1;

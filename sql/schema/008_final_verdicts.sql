-- Final verdicts: what each source held when a window was read, and what a later reading changed.

-- Per source, so that a later count can be compared with it. A window that a partial run read has no row of the source that was dead.
CREATE TABLE ailog_peak.analysis_window_sources (
    window_start timestamptz NOT NULL,
    source       text NOT NULL,
    expected     bigint NOT NULL CHECK (expected >= 0),
    PRIMARY KEY (window_start, source)
);
COMMENT ON TABLE ailog_peak.analysis_window_sources IS 'Events at an error level that a source counted in a window when it was last read.';

-- What a source answered last: while its mark is the same it holds nothing that was not counted, and need not be asked again.
CREATE TABLE ailog_peak.source_marks (
    source text PRIMARY KEY,
    mark   text NOT NULL
);

CREATE TABLE ailog_peak.incident_amendments (
    incident_id     uuid NOT NULL,
    run_id          uuid NOT NULL,
    day             date NOT NULL,
    namespace       text NOT NULL,
    problem_key     text NOT NULL,
    window_from     timestamptz NOT NULL,
    window_to       timestamptz NOT NULL,
    change          text NOT NULL CHECK (change IN ('opened', 'changed', 'removed')),
    late_events     bigint NOT NULL,
    events_before   bigint NOT NULL,
    events_after    bigint NOT NULL,
    windows_before  integer NOT NULL,
    windows_after   integer NOT NULL,
    severity_before text,
    severity_after  text,
    score_before    double precision,
    score_after     double precision,
    flags_before    text[] NOT NULL,
    flags_gained    text[] NOT NULL,
    flags_lost      text[] NOT NULL,
    words           text NOT NULL,
    PRIMARY KEY (incident_id, run_id, day),
    CHECK (window_from < window_to)
);
CREATE INDEX incident_amendments_by_day ON ailog_peak.incident_amendments (day, namespace);
COMMENT ON TABLE ailog_peak.incident_amendments IS
    'What reading windows of a UTC day again changed of an incident; before: as the first of these readings found it. '
    'Severity and score are of these windows alone.';
COMMENT ON COLUMN ailog_peak.incident_amendments.late_events IS
    'Events of the problem in the windows of the incident, now less then; below zero when documents were deleted.';

ALTER TABLE ailog_staging.run_plan ADD COLUMN warnings text[] NOT NULL DEFAULT '{}';

-- A crash of the server empties unlogged tables and nothing else: a plan without its mark has lost what was staged.
CREATE UNLOGGED TABLE ailog_staging.staging_mark (run_no bigint PRIMARY KEY);

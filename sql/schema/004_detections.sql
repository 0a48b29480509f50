-- Verdicts: what was judged against what, fired or not, and the incidents that grew from it.

CREATE TABLE ailog_peak.detection_events (
    window_start timestamptz NOT NULL,
    namespace    text NOT NULL,
    detector     text NOT NULL,
    subject      text NOT NULL,
    run_id       uuid NOT NULL,
    problem_key  text,
    fingerprint  text,
    value        double precision NOT NULL,
    baseline     double precision,
    threshold    double precision,
    fired        boolean NOT NULL,
    stage        text NOT NULL,
    reason       text NOT NULL,
    snapshot_id  uuid,
    evidence     jsonb NOT NULL DEFAULT '{}',
    UNIQUE NULLS NOT DISTINCT (window_start, namespace, detector, subject, problem_key)
);
COMMENT ON COLUMN ailog_peak.detection_events.subject IS 'What was judged: "namespace", a problem key or a fingerprint.';
COMMENT ON COLUMN ailog_peak.detection_events.stage IS 'The stage that decided: fired, threshold, floor, significance, no_history, partial, known ...';
CREATE INDEX detection_events_fired ON ailog_peak.detection_events (namespace, window_start DESC) WHERE fired;

CREATE TABLE ailog_peak.known_issues (
    issue_id      text PRIMARY KEY,
    title         text NOT NULL,
    fingerprint   text,
    related       text[] NOT NULL DEFAULT '{}',
    category      text,
    apps          text[] NOT NULL DEFAULT '{}',
    namespaces    text[] NOT NULL DEFAULT '{}',
    pattern       text,
    ticket        text,
    owner         text,
    status        text NOT NULL DEFAULT 'open' CHECK (status IN ('open', 'in_progress', 'workaround', 'resolved', 'wont_fix')),
    workaround    text,
    permanent_fix text,
    fixed_in      text
);

CREATE TABLE ailog_peak.incidents (
    incident_id   uuid PRIMARY KEY,
    problem_key   text NOT NULL,
    namespace     text NOT NULL,
    environment   text NOT NULL,
    status        text NOT NULL CHECK (status IN ('open', 'acknowledged', 'resolved')),
    opened_window timestamptz NOT NULL,
    last_window   timestamptz NOT NULL,
    resolved_at   timestamptz,
    resolved_by   text,
    first_event   timestamptz NOT NULL,
    last_event    timestamptz NOT NULL,
    windows       integer NOT NULL,
    event_count   bigint NOT NULL,
    peak_count    bigint NOT NULL,
    estimated     boolean NOT NULL DEFAULT false,
    severity      text NOT NULL CHECK (severity IN ('critical', 'high', 'medium', 'low', 'info')),
    score         double precision NOT NULL CHECK (score BETWEEN 0 AND 100),
    flags         text[] NOT NULL,
    reason        text NOT NULL,
    apps          jsonb NOT NULL,
    fingerprints  text[] NOT NULL,
    sample        text NOT NULL,
    root_cause    jsonb NOT NULL,
    known_issue_id text REFERENCES ailog_peak.known_issues,
    verdict       text NOT NULL DEFAULT 'provisional' CHECK (verdict IN ('provisional', 'final')),
    notified_window timestamptz,
    notified_severity text,
    notified_count bigint
);
CREATE INDEX incidents_by_problem ON ailog_peak.incidents (problem_key, namespace, last_window DESC);
CREATE INDEX incidents_open ON ailog_peak.incidents (last_window) WHERE status <> 'resolved';
COMMENT ON COLUMN ailog_peak.incidents.apps IS 'Events per application over the episode.';

-- One row per window of an incident: the predecessor's record of a peak. The sums of an incident are made from these.
CREATE TABLE ailog_peak.peak_investigation (
    window_start   timestamptz NOT NULL,
    namespace      text NOT NULL,
    problem_key    text NOT NULL,
    incident_id    uuid NOT NULL REFERENCES ailog_peak.incidents DEFERRABLE INITIALLY DEFERRED,
    run_id         uuid NOT NULL,
    original_value bigint NOT NULL,
    namespace_total bigint NOT NULL,
    baseline_mean  double precision,
    threshold      double precision,
    ratio          double precision,
    detection_method text NOT NULL,
    is_spike       boolean NOT NULL,
    is_burst       boolean NOT NULL,
    is_new         boolean NOT NULL,
    is_regression  boolean NOT NULL,
    is_cascade     boolean NOT NULL,
    is_cross_namespace boolean NOT NULL,
    is_silence     boolean NOT NULL,
    is_escalating  boolean NOT NULL,
    is_continuation boolean NOT NULL,
    severity       text NOT NULL,
    score          double precision NOT NULL,
    contributions  jsonb NOT NULL,
    reason         text NOT NULL,
    apps           jsonb NOT NULL,
    fingerprints   text[] NOT NULL,
    first_event    timestamptz NOT NULL,
    last_event     timestamptz NOT NULL,
    sample         text NOT NULL,
    trace_id       text,
    root_cause     jsonb NOT NULL,
    PRIMARY KEY (window_start, namespace, problem_key)
);
CREATE INDEX peak_investigation_by_incident ON ailog_peak.peak_investigation (incident_id);

CREATE TABLE ailog_peak.error_patterns (
    pattern_hash text PRIMARY KEY,
    template     text NOT NULL,
    events       bigint NOT NULL,
    first_seen   timestamptz NOT NULL,
    last_seen    timestamptz NOT NULL
);
COMMENT ON TABLE ailog_peak.error_patterns IS 'Daily roll-up of templates, written by maintenance.';

-- Propagation: only what ordered events of one trace show.
CREATE TABLE ailog_peak.service_dependencies (
    window_start timestamptz NOT NULL,
    from_app     text NOT NULL,
    to_app       text NOT NULL,
    run_id       uuid NOT NULL,
    traces       integer NOT NULL CHECK (traces > 0),
    by_span      integer NOT NULL,
    median_gap_ms double precision NOT NULL,
    PRIMARY KEY (window_start, from_app, to_app)
);
COMMENT ON TABLE ailog_peak.service_dependencies IS 'In how many traces an error of from_app preceded one of to_app; by_span: of these proven by span parents.';

CREATE TABLE ailog_peak.cascade_failures (
    window_start timestamptz NOT NULL,
    root_app     text NOT NULL,
    root_fingerprint text NOT NULL,
    run_id       uuid NOT NULL,
    affected_apps text[] NOT NULL,
    traces       integer NOT NULL,
    example_trace text NOT NULL,
    PRIMARY KEY (window_start, root_app, root_fingerprint)
);

CREATE TABLE ailog_peak.service_health (
    window_start timestamptz NOT NULL,
    namespace    text NOT NULL,
    app          text NOT NULL,
    run_id       uuid NOT NULL,
    errors       bigint NOT NULL,
    fingerprints integer NOT NULL,
    incidents    integer NOT NULL,
    worst_severity text,
    PRIMARY KEY (window_start, namespace, app)
);

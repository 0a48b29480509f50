-- Staging: what travels between the tasks of a run. Unlogged, keyed by run_no, emptied after the run.

CREATE TABLE ailog_staging.run_plan (
    run_no      bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    run_id      uuid NOT NULL UNIQUE,
    kind        text NOT NULL,
    windows     timestamptz[] NOT NULL,
    dry_run     boolean NOT NULL,
    sources     jsonb NOT NULL,
    code_version text NOT NULL,
    config_hash text NOT NULL,
    planned_at  timestamptz NOT NULL DEFAULT now()
);

CREATE UNLOGGED TABLE ailog_staging.log_event (
    run_no         bigint NOT NULL,
    source         text NOT NULL,
    window_start   timestamptz NOT NULL,
    event_time     timestamptz NOT NULL,
    namespace      text NOT NULL,
    app            text NOT NULL,
    level          text NOT NULL,
    message        text NOT NULL,
    error_type     text,
    stack_trace    text,
    http_status    smallint,
    app_version    text,
    trace_id       text,
    span_id        text,
    parent_span_id text,
    originator     text,
    weight         double precision NOT NULL
);

CREATE UNLOGGED TABLE ailog_staging.source_count (
    run_no       bigint NOT NULL,
    source       text NOT NULL,
    window_start timestamptz NOT NULL,
    namespace    text NOT NULL,
    errors       bigint NOT NULL,
    documents    bigint
);

CREATE UNLOGGED TABLE ailog_staging.source_outcome (
    run_no   bigint NOT NULL,
    source   text NOT NULL,
    status   text NOT NULL,
    expected bigint,
    fetched  bigint,
    rejected bigint,
    repaired bigint,
    staged   bigint,
    sampled  boolean NOT NULL,
    error    text
);

CREATE UNLOGGED TABLE ailog_staging.rejected_event (
    run_no bigint NOT NULL,
    source text NOT NULL,
    ref    text NOT NULL,
    reason text NOT NULL,
    action text NOT NULL,
    detail text
);

CREATE UNLOGGED TABLE ailog_staging.classified_event (
    run_no         bigint NOT NULL,
    kind_no        integer NOT NULL,
    second         smallint NOT NULL,
    event_time     timestamptz NOT NULL,
    trace_id       text,
    span_id        text,
    parent_span_id text,
    weight         double precision NOT NULL
);
COMMENT ON COLUMN ailog_staging.classified_event.kind_no IS 'The row of kind_count: window, namespace, application and fingerprint by one number.';
COMMENT ON COLUMN ailog_staging.classified_event.second IS 'Seconds since the start of the window.';

CREATE UNLOGGED TABLE ailog_staging.template (
    run_no            bigint NOT NULL,
    fingerprint       bigint NOT NULL,
    namespace         text NOT NULL,
    app               text NOT NULL,
    algorithm_version text NOT NULL,
    error_type        text NOT NULL,
    template          text NOT NULL,
    category          text NOT NULL,
    subcategory       text NOT NULL,
    flow              text NOT NULL,
    error_class       text NOT NULL,
    problem_key       text NOT NULL,
    rule_id           text NOT NULL,
    rule_bundle       text NOT NULL,
    wrapper           boolean NOT NULL,
    metadata_quality  text NOT NULL
);

CREATE UNLOGGED TABLE ailog_staging.kind_count (
    run_no       bigint NOT NULL,
    kind_no      integer NOT NULL,
    window_start timestamptz NOT NULL,
    namespace    text NOT NULL,
    app          text NOT NULL,
    fingerprint  bigint NOT NULL,
    count        bigint NOT NULL,
    estimated    boolean NOT NULL,
    first_event  timestamptz NOT NULL,
    last_event   timestamptz NOT NULL,
    versions     text[] NOT NULL,
    sample       text NOT NULL
);
COMMENT ON COLUMN ailog_staging.kind_count.fingerprint IS 'The sixteen hexadecimal digits of the fingerprint as a signed number.';

CREATE UNLOGGED TABLE ailog_staging.namespace_count (
    run_no       bigint NOT NULL,
    window_start timestamptz NOT NULL,
    namespace    text NOT NULL,
    count        bigint NOT NULL,
    documents    bigint,
    complete     boolean NOT NULL,
    estimated    boolean NOT NULL
);

CREATE UNLOGGED TABLE ailog_staging.detection (
    run_no       bigint NOT NULL,
    window_start timestamptz NOT NULL,
    namespace    text NOT NULL,
    detector     text NOT NULL,
    subject      text NOT NULL,
    problem_key  text,
    fingerprint  text,
    value        double precision NOT NULL,
    baseline     double precision,
    threshold    double precision,
    fired        boolean NOT NULL,
    stage        text NOT NULL,
    reason       text NOT NULL,
    snapshot_id  uuid,
    evidence     jsonb NOT NULL
);

CREATE UNLOGGED TABLE ailog_staging.trace_edge (
    run_no       bigint NOT NULL,
    window_start timestamptz NOT NULL,
    from_app     text NOT NULL,
    to_app       text NOT NULL,
    traces       integer NOT NULL,
    by_span      integer NOT NULL,
    median_gap_ms double precision NOT NULL
);

CREATE UNLOGGED TABLE ailog_staging.root_cause (
    run_no       bigint NOT NULL,
    window_start timestamptz NOT NULL,
    namespace    text NOT NULL,
    problem_key  text NOT NULL,
    cause        jsonb NOT NULL
);

CREATE UNLOGGED TABLE ailog_staging.cascade (
    run_no       bigint NOT NULL,
    window_start timestamptz NOT NULL,
    root_app     text NOT NULL,
    root_fingerprint text NOT NULL,
    affected_apps text[] NOT NULL,
    traces       integer NOT NULL,
    example_trace text NOT NULL
);

-- What a run has to say about its own figures: namespaces with more kinds than are kept apart, templates past the limit of families.

CREATE TABLE ailog_peak.run_warnings (
    run_id    uuid NOT NULL REFERENCES ailog_peak.analysis_runs ON DELETE CASCADE,
    kind      text NOT NULL CHECK (kind IN ('overflow', 'families')),
    namespace text NOT NULL,
    kept      bigint NOT NULL,
    templates bigint NOT NULL,
    at_least  boolean NOT NULL,
    events    bigint,
    PRIMARY KEY (run_id, kind, namespace)
);
COMMENT ON TABLE ailog_peak.run_warnings IS
    'overflow: templates of a namespace past the kept ones and their events, counted together; families: templates that level 2 left out '
    '(namespace is empty). at_least: there are more templates than were counted.';

CREATE UNLOGGED TABLE ailog_staging.run_warning (
    run_no    bigint NOT NULL,
    kind      text NOT NULL,
    namespace text NOT NULL,
    kept      bigint NOT NULL,
    templates bigint NOT NULL,
    at_least  boolean NOT NULL
);

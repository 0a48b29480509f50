-- Families of fingerprints: which level-1 fingerprints stand for one problem, and what people decided about them.
-- Facts keep the fingerprint of the message, which never changes; readers resolve it through fingerprint_families.

-- What a fingerprint was made from, so that a new version of the algorithm can run over it: error type, message and trace of its earliest event.
ALTER TABLE ailog_peak.error_signatures ADD COLUMN specimen jsonb;
ALTER TABLE ailog_staging.template ADD COLUMN specimen text;

CREATE TABLE ailog_peak.fingerprint_aliases (
    fingerprint       text NOT NULL,
    generation        integer NOT NULL CHECK (generation > 0),
    family            text NOT NULL,
    algorithm_version text NOT NULL,
    family_version    text NOT NULL,
    reason            text NOT NULL CHECK (reason IN ('widened', 'merged', 'split', 'version')),
    since             timestamptz NOT NULL,
    PRIMARY KEY (fingerprint, generation)
);
COMMENT ON TABLE ailog_peak.fingerprint_aliases IS
    'Append-only: the family of a fingerprint, and of a family that became part of another. The highest generation counts; no row: its own family.';

CREATE VIEW ailog_peak.fingerprint_families AS
SELECT DISTINCT ON (a.fingerprint) a.fingerprint, a.family
FROM ailog_peak.fingerprint_aliases AS a
ORDER BY a.fingerprint, a.generation DESC;

CREATE TABLE ailog_peak.fingerprint_versions (
    old_fingerprint text NOT NULL,
    new_fingerprint text NOT NULL,
    old_version     text NOT NULL,
    new_version     text NOT NULL,
    main            boolean NOT NULL,
    PRIMARY KEY (old_fingerprint, new_fingerprint)
);
COMMENT ON TABLE ailog_peak.fingerprint_versions IS
    'What a later version of the algorithm makes of the messages of a fingerprint; main: of its specimen, others of further samples.';
CREATE INDEX fingerprint_versions_by_new ON ailog_peak.fingerprint_versions (new_fingerprint);

CREATE TABLE ailog_peak.family_decisions (
    decision_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    at          timestamptz NOT NULL DEFAULT now(),
    actor       text NOT NULL,
    action      text NOT NULL CHECK (action IN ('merge', 'split')),
    fingerprint text NOT NULL,
    target      text,
    note        text,
    CHECK ((action = 'merge') = (target IS NOT NULL) AND target IS DISTINCT FROM fingerprint)
);
COMMENT ON TABLE ailog_peak.family_decisions IS
    'Append-only: what people decided about families. The last word on a fingerprint counts and outlives every widening.';

ALTER TABLE ailog_peak.known_issues
    ADD COLUMN created_at timestamptz NOT NULL DEFAULT now(),
    ADD COLUMN resolved_at timestamptz;

ALTER TABLE ailog_peak.analysis_runs ADD COLUMN warnings text[] NOT NULL DEFAULT '{}';

-- The families that a run reads through: as they were at the end of its last window, its own templates included.
CREATE UNLOGGED TABLE ailog_staging.family (
    run_no      bigint NOT NULL,
    fingerprint text NOT NULL,
    family      text NOT NULL
);

-- Kinds of a namespace with too many, counted at first and then together with the overflow.
CREATE UNLOGGED TABLE ailog_staging.moved_kind (
    run_no  bigint NOT NULL,
    kind_no integer NOT NULL,
    instead integer NOT NULL
);

-- What people decide about messages, and why each message was or was not made.

CREATE TABLE ailog_peak.silences (
    silence_id   bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    problem_key  text NOT NULL DEFAULT '*',
    namespace    text NOT NULL DEFAULT '*',
    fingerprints text[] NOT NULL DEFAULT '{}',
    up_to        text NOT NULL CHECK (up_to IN ('critical', 'high', 'medium', 'low', 'info')),
    owner        text NOT NULL CHECK (owner <> ''),
    reason       text NOT NULL CHECK (reason <> ''),
    created_at   timestamptz NOT NULL,
    expires_at   timestamptz NOT NULL,
    removed_at   timestamptz,
    CHECK (expires_at > created_at),
    CHECK (problem_key <> '*' OR namespace <> '*' OR fingerprints <> '{}')
);
COMMENT ON TABLE ailog_peak.silences IS 'Messages that people do not want for a while; incidents are stored all the same.';
COMMENT ON COLUMN ailog_peak.silences.problem_key IS 'A pattern with * and ?; so is namespace.';
COMMENT ON COLUMN ailog_peak.silences.fingerprints IS 'An incident is meant when all of its fingerprints are among these; empty: any.';
COMMENT ON COLUMN ailog_peak.silences.up_to IS 'The gravest severity that is hidden; what is graver is told.';

ALTER TABLE ailog_peak.incidents
    ADD COLUMN notified_apps text[],
    ADD COLUMN acknowledged_at timestamptz,
    ADD COLUMN acknowledged_by text,
    ADD COLUMN acknowledged_severity text,
    ADD COLUMN acknowledged_count bigint,
    ADD COLUMN note text,
    ADD COLUMN useful boolean,
    ADD COLUMN judged_by text,
    ADD COLUMN judged_at timestamptz;
COMMENT ON COLUMN ailog_peak.incidents.notified_apps IS 'Applications that were named or counted when it was last told.';
COMMENT ON COLUMN ailog_peak.incidents.acknowledged_count IS 'Its largest window then: what grows past it is told again.';
COMMENT ON COLUMN ailog_peak.incidents.useful IS 'A person''s label: whether being told of it was of use; the measure of false alarms.';

CREATE TABLE ailog_peak.notice_decisions (
    run_id      uuid NOT NULL,
    incident_id uuid NOT NULL,
    channel     text NOT NULL,
    namespace   text NOT NULL,
    problem_key text NOT NULL,
    window_from timestamptz NOT NULL,
    window_to   timestamptz NOT NULL,
    told        boolean NOT NULL,
    stage       text NOT NULL,
    reason      text NOT NULL,
    silence_id  bigint,
    message_id  uuid,
    PRIMARY KEY (run_id, incident_id, channel),
    CHECK (window_from < window_to),
    CHECK (told = (message_id IS NOT NULL))
);
COMMENT ON TABLE ailog_peak.notice_decisions IS
    'Of every run, incident and channel: whether it was told, or the stage that kept it back. '
    'stage of one that was told: opened, escalated, grown, spread, heartbeat, resolved, or digest cut '
    '(counted, not told in full); of one that was not: score, older window, acknowledged, cool-down, no news, untold, ended, silence, maintenance.';
CREATE INDEX notice_decisions_by_namespace ON ailog_peak.notice_decisions (namespace, window_from DESC);

CREATE TABLE ailog_peak.day_summaries (
    day        date PRIMARY KEY,
    revision   integer NOT NULL,
    run_id     uuid,
    complete   boolean NOT NULL,
    material   jsonb NOT NULL,
    told_at    timestamptz NOT NULL
);
COMMENT ON TABLE ailog_peak.day_summaries IS 'What people were told of a UTC day; only what differs from it materially is told again.';

ALTER TABLE ailog_peak.outbox ADD COLUMN queued_at timestamptz;
COMMENT ON COLUMN ailog_peak.outbox.queued_at IS 'When a person queued it again; it is given up that much later.';

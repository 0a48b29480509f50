-- Messages are committed with the data that they tell of and sent afterwards, by whoever comes first.

CREATE TABLE ailog_peak.outbox (
    message_id    uuid PRIMARY KEY,
    channel       text NOT NULL,
    kind          text NOT NULL,
    run_id        uuid,
    subject       text NOT NULL,
    body          jsonb NOT NULL,
    status        text NOT NULL DEFAULT 'pending' CHECK (status IN ('pending', 'sending', 'sent', 'failed')),
    attempts      integer NOT NULL DEFAULT 0,
    next_attempt  timestamptz NOT NULL DEFAULT now(),
    created_at    timestamptz NOT NULL DEFAULT now(),
    finished_at   timestamptz,
    last_error    text
);
COMMENT ON COLUMN ailog_peak.outbox.message_id IS 'Made from run, channel and content: the same news is one row, however often the run is repeated.';
CREATE INDEX outbox_due ON ailog_peak.outbox (next_attempt) WHERE status IN ('pending', 'sending');

CREATE TABLE ailog_peak.notification_deliveries (
    delivery_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    message_id  uuid NOT NULL REFERENCES ailog_peak.outbox,
    channel     text NOT NULL,
    attempt     integer NOT NULL,
    at          timestamptz NOT NULL DEFAULT now(),
    outcome     text NOT NULL CHECK (outcome IN ('accepted', 'delivered', 'retry', 'refused', 'suppressed')),
    detail      text
);
CREATE INDEX notification_deliveries_by_message ON ailog_peak.notification_deliveries (message_id);

CREATE TABLE ailog_peak.run_reports (
    run_id     uuid NOT NULL,
    format     text NOT NULL,
    path       text NOT NULL,
    sha256     text NOT NULL,
    bytes      bigint NOT NULL,
    PRIMARY KEY (run_id, format)
);

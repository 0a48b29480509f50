-- Alarms about the analyzer itself: when each began, how often it was told, when it ended.

CREATE TABLE ailog_peak.watch_alarms (
    alarm_key    text NOT NULL,
    opened_at    timestamptz NOT NULL,
    title        text NOT NULL,
    reason       text NOT NULL,
    remedy       text NOT NULL,
    severity     text NOT NULL CHECK (severity IN ('critical', 'high', 'medium', 'low', 'info')),
    once boolean NOT NULL,
    told_at      timestamptz NOT NULL,
    times_told   integer NOT NULL CHECK (times_told > 0),
    gone_since   timestamptz,
    closed_at    timestamptz,
    PRIMARY KEY (alarm_key, opened_at),
    CHECK (closed_at >= opened_at)
);
CREATE UNIQUE INDEX watch_alarms_open ON ailog_peak.watch_alarms (alarm_key) WHERE closed_at IS NULL;
COMMENT ON TABLE ailog_peak.watch_alarms IS 'Alarms about the analyzer itself; one without closed_at is open.';
COMMENT ON COLUMN ailog_peak.watch_alarms.once IS 'Told when it opens and never again.';
COMMENT ON COLUMN ailog_peak.watch_alarms.gone_since IS 'Since when its cause is not there any more; it closes when that has lasted.';

CREATE TABLE ailog_peak.watch_beat (
    only_one   boolean PRIMARY KEY DEFAULT true CHECK (only_one),
    watched_at timestamptz NOT NULL
);
COMMENT ON TABLE ailog_peak.watch_beat IS 'When the analyzer last looked at itself.';

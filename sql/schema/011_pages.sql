-- Pages of a wiki: what they shall show is committed here first and delivered afterwards, by whoever comes first.

CREATE TABLE ailog_peak.wanted_pages (
    page_key        text PRIMARY KEY,
    kind            text NOT NULL CHECK (kind IN ('daily', 'day', 'errors', 'peaks')),
    run_id          uuid,
    as_of           timestamptz NOT NULL,
    title           text NOT NULL,
    region          text NOT NULL,
    region_hash     text NOT NULL,
    content_hash    text NOT NULL,
    wanted_at       timestamptz NOT NULL,
    status          text NOT NULL DEFAULT 'waiting' CHECK (status IN ('waiting', 'writing', 'written', 'refused')),
    attempts        integer NOT NULL DEFAULT 0,
    next_attempt    timestamptz NOT NULL,
    last_error      text,
    page_id         text,
    written_hash    text,
    seen_hash       text,
    written_as_of   timestamptz,
    written_version integer,
    written_at      timestamptz
);
COMMENT ON TABLE ailog_peak.wanted_pages IS
    'One row per page, its newest wanted content; one that was never delivered is replaced by a newer one.';
COMMENT ON COLUMN ailog_peak.wanted_pages.region IS 'Storage format of the generated region; it ends with a stamp of region_hash.';
COMMENT ON COLUMN ailog_peak.wanted_pages.content_hash IS 'Of region and attachments.';
COMMENT ON COLUMN ailog_peak.wanted_pages.seen_hash IS 'The region of written_hash as the wiki gave it back: it rewrites what it stores.';
CREATE INDEX wanted_pages_due ON ailog_peak.wanted_pages (next_attempt) WHERE status <> 'written';

CREATE TABLE ailog_peak.wanted_page_files (
    page_key   text NOT NULL REFERENCES ailog_peak.wanted_pages ON DELETE CASCADE,
    name       text NOT NULL,
    media_type text NOT NULL,
    sha256     text NOT NULL,
    content    bytea,
    PRIMARY KEY (page_key, name)
);
COMMENT ON COLUMN ailog_peak.wanted_page_files.content IS 'Null once the wiki has it.';

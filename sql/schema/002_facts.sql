-- Facts: what was counted. The key holds no run, so that a window that is read again replaces its rows.

CREATE TABLE ailog_peak.error_kind_counts (
    window_start timestamptz NOT NULL,
    namespace    text NOT NULL,
    app          text NOT NULL,
    fingerprint  text NOT NULL,
    run_id       uuid NOT NULL,
    environment  text NOT NULL,
    problem_key  text NOT NULL,
    error_type   text NOT NULL,
    category     text NOT NULL,
    subcategory  text NOT NULL,
    count        bigint NOT NULL CHECK (count > 0),
    estimated    boolean NOT NULL DEFAULT false,
    first_event  timestamptz NOT NULL,
    last_event   timestamptz NOT NULL,
    versions     text[] NOT NULL DEFAULT '{}',
    metadata_quality text NOT NULL CHECK (metadata_quality IN ('structured', 'derived', 'unknown')),
    sample       text NOT NULL CHECK (length(sample) <= 2000),
    PRIMARY KEY (window_start, namespace, app, fingerprint)
) PARTITION BY RANGE (window_start);
CREATE INDEX error_kind_counts_by_fingerprint ON ailog_peak.error_kind_counts (fingerprint, window_start DESC);
CREATE INDEX error_kind_counts_by_problem ON ailog_peak.error_kind_counts (problem_key, namespace, window_start DESC);

CREATE TABLE ailog_peak.namespace_error_counts (
    window_start   timestamptz NOT NULL,
    namespace      text NOT NULL,
    run_id         uuid NOT NULL,
    count          bigint NOT NULL CHECK (count >= 0),
    document_count bigint,
    complete       boolean NOT NULL,
    estimated      boolean NOT NULL DEFAULT false,
    PRIMARY KEY (window_start, namespace)
) PARTITION BY RANGE (window_start);
COMMENT ON COLUMN ailog_peak.namespace_error_counts.document_count IS
    'Log records of any level in the window; null is unknown. Tells "no data" from "no errors".';
CREATE INDEX namespace_error_counts_by_namespace ON ailog_peak.namespace_error_counts (namespace, window_start DESC);

-- Partitions by month, made ahead by ensure_partitions and dropped by retention.
CREATE FUNCTION ailog_peak.ensure_partitions(p_from timestamptz, p_to timestamptz) RETURNS integer
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    v_month timestamptz := date_trunc('month', p_from, 'UTC');
    v_next  timestamptz;
    v_table text;
    v_made  integer := 0;
BEGIN
    IF p_to - p_from > interval '10 years' OR p_from < '1990-01-01' OR p_to > '2200-01-01' THEN
        RAISE EXCEPTION 'ensure_partitions: % to % is not a range of windows; at most ten years between 1990 and 2200', p_from, p_to;
    END IF;
    WHILE v_month < p_to LOOP
        v_next := date_trunc('month', v_month + interval '32 days', 'UTC');
        FOREACH v_table IN ARRAY ARRAY['error_kind_counts', 'namespace_error_counts'] LOOP
            IF to_regclass(format('ailog_peak.%I', v_table || to_char(v_month AT TIME ZONE 'UTC', '"_y"YYYY"m"MM'))) IS NULL THEN
                PERFORM pg_advisory_xact_lock(hashtextextended('ailog.partitions', 0));
                EXECUTE format('CREATE TABLE IF NOT EXISTS ailog_peak.%I PARTITION OF ailog_peak.%I FOR VALUES FROM (%L) TO (%L)',
                    v_table || to_char(v_month AT TIME ZONE 'UTC', '"_y"YYYY"m"MM'), v_table, v_month, v_next);
                v_made := v_made + 1;
            END IF;
        END LOOP;
        v_month := v_next;
    END LOOP;
    RETURN v_made;
END $$;

CREATE TABLE ailog_peak.error_signatures (
    fingerprint       text PRIMARY KEY,
    algorithm_version text NOT NULL,
    error_type        text NOT NULL,
    template          text NOT NULL,
    category          text NOT NULL,
    subcategory       text NOT NULL,
    rule_id           text NOT NULL,
    rule_bundle       text NOT NULL,
    first_seen        timestamptz NOT NULL,
    last_seen         timestamptz NOT NULL,
    sample            text NOT NULL
);
COMMENT ON TABLE ailog_peak.error_signatures IS 'One row per fingerprint: its template and the rule that classified it. Times are event times.';

CREATE TABLE ailog_peak.problems (
    problem_key text PRIMARY KEY,
    category    text NOT NULL,
    flow        text NOT NULL,
    error_class text NOT NULL,
    first_seen  timestamptz NOT NULL,
    last_seen   timestamptz NOT NULL,
    status      text NOT NULL DEFAULT 'open' CHECK (status IN ('open', 'in_progress', 'workaround', 'resolved', 'wont_fix'))
);

-- The predecessor's raw table by its own name, read from the facts.
CREATE VIEW ailog_peak.peak_raw_data AS
SELECT
    n.window_start AS "timestamp",
    (extract(isodow FROM n.window_start AT TIME ZONE 'UTC') - 1)::smallint AS weekday,
    extract(hour FROM n.window_start AT TIME ZONE 'UTC')::smallint AS hour,
    (extract(minute FROM n.window_start AT TIME ZONE 'UTC') / 15)::smallint AS quarter,
    n.namespace,
    n.count AS error_count,
    n.complete,
    n.run_id
FROM ailog_peak.namespace_error_counts AS n;

-- Roll-ups of days for ever, retention by months, and the few rights that it takes.

CREATE TABLE ailog_peak.daily_rollup_days (
    date             date PRIMARY KEY,
    source           text NOT NULL CHECK (source IN ('facts', 'legacy', 'mixed')),
    windows          smallint NOT NULL CHECK (windows BETWEEN 1 AND 96),
    complete_windows smallint NOT NULL CHECK (complete_windows BETWEEN 0 AND windows),
    error_count      bigint NOT NULL,
    kind_count       bigint NOT NULL,
    ledger_digest    text NOT NULL,
    refused_digest   text,
    rolled_at        timestamptz NOT NULL
);
COMMENT ON TABLE ailog_peak.daily_rollup_days IS
    'UTC days that are rolled up. Fewer than 96 complete windows: the day is incomplete, and its sums are those of the windows that were read.';
COMMENT ON COLUMN ailog_peak.daily_rollup_days.source IS 'facts: events that were read; legacy: totals that were imported; mixed: both.';
COMMENT ON COLUMN ailog_peak.daily_rollup_days.kind_count IS 'Events by kind; less than error_count by what was imported as totals alone.';
COMMENT ON COLUMN ailog_peak.daily_rollup_days.ledger_digest IS 'The ledger of the day when it was rolled up; another one means that the day was read again.';
COMMENT ON COLUMN ailog_peak.daily_rollup_days.refused_digest IS 'The ledger of the day when facts that hold less than the roll-up were refused.';

CREATE TABLE ailog_peak.daily_error_kind_rollups (
    date             date NOT NULL,
    namespace        text NOT NULL,
    app              text NOT NULL,
    fingerprint      text NOT NULL,
    error_type       text NOT NULL,
    category         text NOT NULL,
    subcategory      text NOT NULL,
    problem_key      text NOT NULL,
    environment      text NOT NULL,
    error_count      bigint NOT NULL CHECK (error_count > 0),
    windows          smallint NOT NULL,
    complete_windows smallint NOT NULL,
    estimated        boolean NOT NULL,
    first_event      timestamptz NOT NULL,
    last_event       timestamptz NOT NULL,
    PRIMARY KEY (date, namespace, app, fingerprint, error_type, category, subcategory, problem_key)
);
CREATE INDEX daily_error_kind_rollups_by_fingerprint ON ailog_peak.daily_error_kind_rollups (fingerprint, date DESC);
CREATE INDEX daily_error_kind_rollups_by_problem ON ailog_peak.daily_error_kind_rollups (problem_key, date DESC);
COMMENT ON COLUMN ailog_peak.daily_error_kind_rollups.windows IS 'Windows in which the kind was seen; complete_windows: of these read completely.';

CREATE TABLE ailog_peak.daily_namespace_rollups (
    date             date NOT NULL,
    namespace        text NOT NULL,
    source           text NOT NULL CHECK (source IN ('facts', 'legacy', 'mixed')),
    error_count      bigint NOT NULL CHECK (error_count >= 0),
    document_count   bigint,
    windows          smallint NOT NULL,
    complete_windows smallint NOT NULL,
    largest_window   bigint NOT NULL,
    estimated        boolean NOT NULL,
    first_window     timestamptz NOT NULL,
    last_window      timestamptz NOT NULL,
    PRIMARY KEY (date, namespace)
);
COMMENT ON COLUMN ailog_peak.daily_namespace_rollups.document_count IS 'Records of any level in the windows where it is known; null: in none.';

CREATE TABLE ailog_peak.dropped_months (
    table_name text NOT NULL,
    month      date NOT NULL,
    dropped_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (table_name, month)
);

-- The ledger by UTC day, in brief: what it says of each window, and when the run of it was done.
CREATE FUNCTION ailog_peak.ledger_days(p_from timestamptz, p_to timestamptz)
RETURNS TABLE (date date, windows integer, complete integer, digest text)
LANGUAGE sql STABLE AS $$
    SELECT
        (w.window_start AT TIME ZONE 'UTC')::date,
        (count(*) FILTER (WHERE w.status <> 'failed'))::integer,
        (count(*) FILTER (WHERE w.status = 'complete'))::integer,
        md5(string_agg(
            concat_ws('|', extract(epoch FROM w.window_start)::bigint, w.run_id, w.status, w.stored, extract(epoch FROM r.completed_at)),
            ',' ORDER BY w.window_start
        ))
    FROM ailog_peak.analysis_run_windows AS w
    INNER JOIN ailog_peak.analysis_runs AS r ON r.run_id = w.run_id
    WHERE w.window_start >= p_from AND w.window_start < p_to
    GROUP BY 1
$$;

-- What the look-back reads: facts as far back as they are kept, roll-ups of the months that were dropped before (their midnight).
CREATE VIEW ailog_peak.seen_kinds AS
SELECT e.window_start, e.environment, e.fingerprint, e.problem_key, e.count
FROM ailog_peak.error_kind_counts AS e
WHERE e.window_start >= coalesce(
    (SELECT (max(m.month) + interval '1 month') AT TIME ZONE 'UTC' FROM ailog_peak.dropped_months AS m WHERE m.table_name = 'error_kind_counts'),
    '-infinity'
)
UNION ALL
SELECT r.date::timestamp AT TIME ZONE 'UTC', r.environment, r.fingerprint, r.problem_key, r.error_count
FROM ailog_peak.daily_error_kind_rollups AS r
WHERE r.date < (
    SELECT (max(m.month) + interval '1 month')::date FROM ailog_peak.dropped_months AS m WHERE m.table_name = 'error_kind_counts'
);

-- Verdicts and what traces showed grow fastest: partitions by month for them as well.
ALTER TABLE ailog_peak.detection_events RENAME TO whole_detection_events;
ALTER TABLE ailog_peak.service_dependencies RENAME TO whole_service_dependencies;
ALTER TABLE ailog_peak.cascade_failures RENAME TO whole_cascade_failures;
ALTER TABLE ailog_peak.service_health RENAME TO whole_service_health;
CREATE TABLE ailog_peak.detection_events (LIKE ailog_peak.whole_detection_events INCLUDING DEFAULTS INCLUDING CONSTRAINTS INCLUDING COMMENTS)
PARTITION BY RANGE (window_start);
CREATE TABLE ailog_peak.service_dependencies (LIKE ailog_peak.whole_service_dependencies INCLUDING DEFAULTS INCLUDING CONSTRAINTS)
PARTITION BY RANGE (window_start);
CREATE TABLE ailog_peak.cascade_failures (LIKE ailog_peak.whole_cascade_failures INCLUDING DEFAULTS INCLUDING CONSTRAINTS)
PARTITION BY RANGE (window_start);
CREATE TABLE ailog_peak.service_health (LIKE ailog_peak.whole_service_health INCLUDING DEFAULTS INCLUDING CONSTRAINTS)
PARTITION BY RANGE (window_start);
COMMENT ON TABLE ailog_peak.service_dependencies IS
    'In how many traces an error of from_app preceded one of to_app; by_span: of these proven by span parents.';

CREATE OR REPLACE FUNCTION ailog_peak.ensure_partitions(p_from timestamptz, p_to timestamptz) RETURNS integer
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
        FOREACH v_table IN ARRAY ARRAY[
            'error_kind_counts', 'namespace_error_counts', 'detection_events', 'service_dependencies', 'cascade_failures', 'service_health'
        ] LOOP
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

DO $$
DECLARE
    v_month timestamptz;
BEGIN
    FOR v_month IN
        SELECT DISTINCT date_trunc('month', d.window_start, 'UTC') FROM (
            SELECT window_start FROM ailog_peak.whole_detection_events
            UNION SELECT window_start FROM ailog_peak.whole_service_dependencies
            UNION SELECT window_start FROM ailog_peak.whole_cascade_failures
            UNION SELECT window_start FROM ailog_peak.whole_service_health
        ) AS d
    LOOP
        PERFORM ailog_peak.ensure_partitions(v_month, v_month + interval '1 day');
    END LOOP;
END $$;
INSERT INTO ailog_peak.detection_events SELECT * FROM ailog_peak.whole_detection_events;
INSERT INTO ailog_peak.service_dependencies SELECT * FROM ailog_peak.whole_service_dependencies;
INSERT INTO ailog_peak.cascade_failures SELECT * FROM ailog_peak.whole_cascade_failures;
INSERT INTO ailog_peak.service_health SELECT * FROM ailog_peak.whole_service_health;
DROP TABLE ailog_peak.whole_detection_events, ailog_peak.whole_service_dependencies, ailog_peak.whole_cascade_failures,
    ailog_peak.whole_service_health;
ALTER TABLE ailog_peak.detection_events
    ADD CONSTRAINT detection_events_of_a_window UNIQUE NULLS NOT DISTINCT (window_start, namespace, detector, subject, problem_key);
ALTER TABLE ailog_peak.service_dependencies ADD PRIMARY KEY (window_start, from_app, to_app);
ALTER TABLE ailog_peak.cascade_failures ADD PRIMARY KEY (window_start, root_app, root_fingerprint);
ALTER TABLE ailog_peak.service_health ADD PRIMARY KEY (window_start, namespace, app);
CREATE INDEX detection_events_fired ON ailog_peak.detection_events (namespace, window_start DESC) WHERE fired;

-- Drops one expired month of one of six tables. It trusts nobody: the month must be older than a bound of its own and the oldest of its
-- table; of facts every day must be rolled up as the ledger stands now. While a run is published it gives way at once.
CREATE FUNCTION ailog_peak.drop_month(p_table text, p_month date) RETURNS boolean
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET lock_timeout = '2s' AS $$
DECLARE
    v_from  timestamptz := date_trunc('month', p_month::timestamp) AT TIME ZONE 'UTC';
    v_to    timestamptz := (date_trunc('month', p_month::timestamp) + interval '1 month') AT TIME ZONE 'UTC';
    v_name  text := p_table || to_char(v_from AT TIME ZONE 'UTC', '"_y"YYYY"m"MM');
    v_facts boolean := p_table IN ('error_kind_counts', 'namespace_error_counts');
    v_older text;
    v_day   date;
    v_read  boolean;
BEGIN
    IF NOT v_facts AND p_table NOT IN ('detection_events', 'service_dependencies', 'cascade_failures', 'service_health') THEN
        RAISE EXCEPTION 'drop_month: months of % are not dropped', p_table USING ERRCODE = 'insufficient_privilege';
    END IF;
    IF v_to > now() - interval '28 days' THEN
        RAISE EXCEPTION 'drop_month: % of % ends less than 28 days ago', to_char(v_from AT TIME ZONE 'UTC', 'YYYY-MM'), p_table
            USING ERRCODE = 'insufficient_privilege';
    END IF;
    IF NOT pg_try_advisory_xact_lock(hashtextextended('ailog.publish', 0)) THEN
        RAISE EXCEPTION 'drop_month: a run is being published' USING ERRCODE = 'lock_not_available';
    END IF;
    SELECT min(c.relname::text) INTO v_older
    FROM pg_inherits AS i
    INNER JOIN pg_class AS c ON c.oid = i.inhrelid
    WHERE i.inhparent = format('ailog_peak.%I', p_table)::regclass AND c.relname::text <= v_name;
    IF v_older IS NULL OR to_regclass(format('ailog_peak.%I', v_name)) IS NULL THEN
        RETURN false;
    END IF;
    IF v_older <> v_name THEN
        RAISE EXCEPTION 'drop_month: % is older than %', v_older, v_name USING ERRCODE = 'object_not_in_prerequisite_state';
    END IF;
    IF v_facts THEN
        FOR v_day, v_read IN
            SELECT g.day::date, coalesce(l.windows, 0) > 0
            FROM generate_series(v_from AT TIME ZONE 'UTC', (v_to - interval '1 day') AT TIME ZONE 'UTC', interval '1 day') AS g (day)
            LEFT JOIN ailog_peak.ledger_days(v_from, v_to) AS l ON l.date = g.day::date
            LEFT JOIN ailog_peak.daily_rollup_days AS r
                ON r.date = g.day::date AND (r.ledger_digest = l.digest OR r.refused_digest = l.digest)
            WHERE r.date IS NULL
        LOOP
            IF NOT v_read THEN
                EXECUTE format('SELECT EXISTS (SELECT 1 FROM ailog_peak.%I WHERE window_start >= $1 AND window_start < $2)', v_name)
                    INTO v_read USING v_day::timestamp AT TIME ZONE 'UTC', (v_day + 1)::timestamp AT TIME ZONE 'UTC';
            END IF;
            IF v_read THEN
                RAISE EXCEPTION 'drop_month: % of % is not rolled up as it stands', v_day, p_table
                    USING ERRCODE = 'object_not_in_prerequisite_state';
            END IF;
        END LOOP;
    END IF;
    PERFORM pg_advisory_xact_lock(hashtextextended('ailog.partitions', 0));
    EXECUTE format('DROP TABLE ailog_peak.%I', v_name);
    INSERT INTO ailog_peak.dropped_months (table_name, month) VALUES (p_table, v_from AT TIME ZONE 'UTC')
    ON CONFLICT (table_name, month) DO UPDATE SET dropped_at = excluded.dropped_at;
    INSERT INTO ailog_peak.audit_log (actor, action, subject) VALUES (session_user, 'drop month', v_name);
    RETURN true;
END $$;

-- Signatures that nobody needs: unseen, without facts (from a moment on), no record of a person names them, and the same holds of their whole family.
CREATE FUNCTION ailog_peak.forgettable_signatures(p_before timestamptz, p_facts_from timestamptz) RETURNS SETOF text
LANGUAGE sql STABLE AS $$
    WITH RECURSIVE
    -- Each signature with its family, the family of that family, and so on: two that share one belong together.
    place AS (
        SELECT s.fingerprint, s.last_seen, s.fingerprint AS family, 0 AS steps FROM ailog_peak.error_signatures AS s
        UNION ALL
        SELECT p.fingerprint, p.last_seen, f.family, p.steps + 1
        FROM place AS p
        INNER JOIN ailog_peak.fingerprint_families AS f ON f.fingerprint = p.family AND f.family <> f.fingerprint
        WHERE p.steps < 20
    ),
    named AS (
        SELECT k.fingerprint FROM ailog_peak.known_issues AS k WHERE k.fingerprint IS NOT NULL
        UNION SELECT unnest(k.related) FROM ailog_peak.known_issues AS k
        UNION SELECT d.fingerprint FROM ailog_peak.family_decisions AS d
        UNION SELECT d.target FROM ailog_peak.family_decisions AS d WHERE d.target IS NOT NULL
        UNION SELECT unnest(i.fingerprints) FROM ailog_peak.incidents AS i WHERE i.status <> 'resolved'
    ),
    needed AS (
        SELECT p.family FROM place AS p
        WHERE p.last_seen >= p_before OR p.fingerprint IN (SELECT n.fingerprint FROM named AS n)
            OR p.family IN (SELECT n.fingerprint FROM named AS n)
            OR EXISTS (SELECT 1 FROM ailog_peak.error_kind_counts AS e WHERE e.fingerprint = p.fingerprint AND e.window_start >= p_facts_from)
    )
    SELECT p.fingerprint FROM place AS p
    GROUP BY p.fingerprint
    HAVING NOT bool_or(p.family IN (SELECT n.family FROM needed AS n))
$$;

-- Forgets them. Template and first sight stay in error_patterns for ever.
CREATE FUNCTION ailog_peak.forget_signatures(p_before timestamptz) RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET lock_timeout = '2s' AS $$
DECLARE
    v_gone text[];
BEGIN
    IF p_before > now() - interval '60 days' THEN
        RAISE EXCEPTION 'forget_signatures: % is less than 60 days ago', p_before USING ERRCODE = 'insufficient_privilege';
    END IF;
    IF NOT pg_try_advisory_xact_lock(hashtextextended('ailog.publish', 0)) THEN
        RAISE EXCEPTION 'forget_signatures: a run is being published' USING ERRCODE = 'lock_not_available';
    END IF;
    v_gone := ARRAY(SELECT f FROM ailog_peak.forgettable_signatures(p_before, '-infinity') AS f ORDER BY f);
    INSERT INTO ailog_peak.error_patterns AS p (pattern_hash, template, events, first_seen, last_seen)
    SELECT s.fingerprint, s.template, 0, s.first_seen, s.last_seen
    FROM ailog_peak.error_signatures AS s WHERE s.fingerprint = ANY(v_gone)
    ON CONFLICT (pattern_hash) DO UPDATE SET
        first_seen = least(p.first_seen, excluded.first_seen), last_seen = greatest(p.last_seen, excluded.last_seen);
    DELETE FROM ailog_peak.fingerprint_aliases AS a WHERE a.fingerprint = ANY(v_gone);
    DELETE FROM ailog_peak.fingerprint_versions AS v WHERE v.old_fingerprint = ANY(v_gone);
    DELETE FROM ailog_peak.error_signatures AS s WHERE s.fingerprint = ANY(v_gone);
    RETURN cardinality(v_gone);
END $$;

-- A signature that comes back after it was forgotten keeps the time when it was first seen.
CREATE FUNCTION ailog_peak.remember_first_seen() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    SELECT least(NEW.first_seen, min(p.first_seen)) INTO NEW.first_seen FROM ailog_peak.error_patterns AS p WHERE p.pattern_hash = NEW.fingerprint;
    RETURN NEW;
END $$;
CREATE TRIGGER remember_first_seen BEFORE INSERT ON ailog_peak.error_signatures
    FOR EACH ROW EXECUTE FUNCTION ailog_peak.remember_first_seen();

-- Snapshots that a later one replaced before a moment: no verdict that is kept can name them.
CREATE FUNCTION ailog_peak.forgettable_snapshots(p_before timestamptz) RETURNS SETOF uuid
LANGUAGE sql STABLE AS $$
    SELECT s.snapshot_id FROM ailog_peak.threshold_snapshot_runs AS s
    WHERE s.trained_to < p_before AND EXISTS (
        SELECT 1 FROM ailog_peak.threshold_snapshot_runs AS n
        WHERE n.status = 'complete' AND n.trained_to > s.trained_to AND n.trained_to < p_before
    )
    AND s.snapshot_id NOT IN (SELECT a.snapshot_id FROM ailog_peak.aggregation_data AS a)
$$;

CREATE FUNCTION ailog_peak.forget_snapshots(p_before timestamptz) RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET lock_timeout = '2s' AS $$
DECLARE
    v_gone bigint;
BEGIN
    IF p_before > now() - interval '180 days' THEN
        RAISE EXCEPTION 'forget_snapshots: % is less than 180 days ago', p_before USING ERRCODE = 'insufficient_privilege';
    END IF;
    DELETE FROM ailog_peak.threshold_snapshot_runs WHERE snapshot_id IN (SELECT f FROM ailog_peak.forgettable_snapshots(p_before) AS f);
    GET DIAGNOSTICS v_gone = ROW_COUNT;
    RETURN v_gone;
END $$;

-- Autovacuum gathers no statistics of a partitioned table as a whole, which plans over several months need.
CREATE FUNCTION ailog_peak.refresh_statistics() RETURNS integer
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET lock_timeout = '2s' AS $$
DECLARE
    v_table regclass;
    v_done  integer := 0;
BEGIN
    FOR v_table IN SELECT c.oid::regclass FROM pg_class AS c WHERE c.relkind = 'p' AND c.relnamespace = 'ailog_peak'::regnamespace LOOP
        EXECUTE format('ANALYZE %s', v_table);
        v_done := v_done + 1;
    END LOOP;
    RETURN v_done;
END $$;

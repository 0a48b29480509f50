-- What people know: known issues in full, problems and known peaks with their names and notes, and what was declared fixed when.

ALTER TABLE ailog_peak.known_issues ADD COLUMN notes text, ADD COLUMN resolved_by text;

-- What was declared fixed, and until when that held. An issue that is opened again keeps the row: windows before are still read by it.
CREATE TABLE ailog_peak.resolutions (
    kind        text NOT NULL CHECK (kind IN ('issue', 'problem')),
    subject     text NOT NULL,
    resolved_at timestamptz NOT NULL,
    resolved_by text NOT NULL,
    fixed_in    text,
    reopened_at timestamptz,
    reopened_by text,
    PRIMARY KEY (kind, subject, resolved_at)
);
COMMENT ON TABLE ailog_peak.resolutions IS 'By event time: what is seen after resolved_at and before reopened_at is judged as coming back.';
INSERT INTO ailog_peak.resolutions (kind, subject, resolved_at, resolved_by, fixed_in)
SELECT 'issue', k.issue_id, k.resolved_at, 'unknown', k.fixed_in
FROM ailog_peak.known_issues AS k WHERE k.status = 'resolved' AND k.resolved_at IS NOT NULL;

-- The problem record. People's columns are written by people alone; the others are made from events.
ALTER TABLE ailog_peak.problems
    ADD COLUMN problem_id  text UNIQUE,
    ADD COLUMN namespaces  text[] NOT NULL DEFAULT '{}',
    ADD COLUMN apps        text[] NOT NULL DEFAULT '{}',
    ADD COLUMN ticket      text,
    ADD COLUMN owner       text,
    ADD COLUMN notes       text,
    ADD COLUMN fixed_in    text,
    ADD COLUMN resolved_at timestamptz,
    ADD COLUMN resolved_by text;
COMMENT ON COLUMN ailog_peak.problems.problem_id IS 'KP- and a number in the order in which problems became known; it never changes.';
COMMENT ON COLUMN ailog_peak.problems.apps IS 'The first 200 names in order, as of namespaces; how widely a problem is spread is read from their number.';
UPDATE ailog_peak.problems AS p SET problem_id = 'KP-' || repeat('0', 6 - length(n.place::text)) || n.place
FROM (
    SELECT q.problem_key, row_number() OVER (ORDER BY q.first_seen, q.problem_key) AS place FROM ailog_peak.problems AS q
) AS n
WHERE n.problem_key = p.problem_key;
UPDATE ailog_peak.problems AS p SET namespaces = f.namespaces, apps = f.apps
FROM (
    SELECT
        k.problem_key,
        (array_agg(DISTINCT k.namespace ORDER BY k.namespace))[1:200] AS namespaces,
        (array_agg(DISTINCT k.app ORDER BY k.app))[1:200] AS apps
    FROM ailog_peak.error_kind_counts AS k GROUP BY k.problem_key
) AS f
WHERE f.problem_key = p.problem_key;

-- Known peaks: spikes and bursts of a category and flow. All that is counted is made anew from peak_investigation.
CREATE VIEW ailog_peak.peak_sightings AS
SELECT
    split_part(p.problem_key, ':', 1) || ':' || split_part(p.problem_key, ':', 2) AS base,
    'PEAK:' || split_part(p.problem_key, ':', 1) || ':' || split_part(p.problem_key, ':', 2) || ':' || t.peak_type AS peak_key,
    t.peak_type, p.window_start, p.namespace, p.problem_key, p.incident_id, p.original_value, p.ratio, p.apps, p.fingerprints,
    p.first_event, p.last_event
FROM ailog_peak.peak_investigation AS p
CROSS JOIN LATERAL (VALUES ('spike', p.is_spike), ('burst', p.is_burst)) AS t (peak_type, here)
WHERE t.here AND (p.is_spike OR p.is_burst);
CREATE INDEX peak_investigation_by_peak
    ON ailog_peak.peak_investigation ((split_part(problem_key, ':', 1) || ':' || split_part(problem_key, ':', 2)), window_start)
    WHERE is_spike OR is_burst;

CREATE TABLE ailog_peak.known_peaks (
    peak_id       text PRIMARY KEY,
    peak_key      text NOT NULL UNIQUE,
    category      text NOT NULL,
    flow          text NOT NULL,
    peak_type     text NOT NULL CHECK (peak_type IN ('spike', 'burst')),
    first_seen    timestamptz NOT NULL,
    last_seen     timestamptz NOT NULL,
    occurrences   integer NOT NULL DEFAULT 0,
    incidents     integer NOT NULL DEFAULT 0,
    raw_errors    bigint NOT NULL DEFAULT 0,
    max_value     bigint NOT NULL DEFAULT 0,
    max_ratio     double precision,
    usual_minutes integer,
    fingerprints  text[] NOT NULL DEFAULT '{}',
    namespaces    jsonb NOT NULL DEFAULT '{}',
    apps          jsonb NOT NULL DEFAULT '{}',
    problems      jsonb NOT NULL DEFAULT '{}',
    status        text NOT NULL DEFAULT 'open' CHECK (status IN ('open', 'in_progress', 'workaround', 'resolved', 'wont_fix')),
    ticket        text,
    owner         text,
    notes         text,
    mitigation    text,
    typical_minutes integer CHECK (typical_minutes > 0)
);
COMMENT ON COLUMN ailog_peak.known_peaks.occurrences IS 'Distinct windows; 0 when every window was read again and none holds such a peak any more.';
COMMENT ON COLUMN ailog_peak.known_peaks.usual_minutes IS
    'Median length of its incidents that are over; typical_minutes is a person''s word and goes before it.';
COMMENT ON COLUMN ailog_peak.known_peaks.fingerprints IS 'At most 500, the first in order; of namespaces, applications and problems the 100 largest.';

ALTER TABLE ailog_peak.incidents
    ADD COLUMN known_issue_match text CHECK (known_issue_match IN ('EXACT', 'RELATED', 'HIGH', 'MEDIUM')),
    ADD COLUMN known_peak_id text,
    ADD COLUMN known_peak_seen integer,
    ADD COLUMN regression_of uuid,
    ADD COLUMN fixed_in text;
COMMENT ON COLUMN ailog_peak.incidents.known_issue_match IS 'How sure the match is; null: a person said which issue it is.';
COMMENT ON COLUMN ailog_peak.incidents.known_peak_seen IS 'Windows of the known peak that are earlier than the quiet time before this incident.';
COMMENT ON COLUMN ailog_peak.incidents.regression_of IS 'The earlier incident of a problem that came back.';
COMMENT ON COLUMN ailog_peak.incidents.fixed_in IS 'The version that a person who resolved it says it is fixed in.';
CREATE INDEX incidents_resolved_by_people ON ailog_peak.incidents (namespace, resolved_at DESC)
    WHERE status = 'resolved' AND resolved_by NOT IN ('quiet', 'amended');

-- The first peaks and the incidents that they are known from, out of what is stored.
INSERT INTO ailog_peak.known_peaks (peak_id, peak_key, category, flow, peak_type, first_seen, last_seen)
SELECT
    'PK-' || repeat('0', 6 - length(n.place::text)) || n.place, n.peak_key, split_part(n.peak_key, ':', 2), split_part(n.peak_key, ':', 3),
    split_part(n.peak_key, ':', 4), n.first_seen, n.last_seen
FROM (
    SELECT s.peak_key, min(s.first_event) AS first_seen, max(s.last_event) AS last_seen,
        row_number() OVER (ORDER BY min(s.first_event), s.peak_key) AS place
    FROM ailog_peak.peak_sightings AS s GROUP BY s.peak_key
) AS n;

-- What is counted of known peaks, made anew from all of their windows. People's columns are left alone.
WITH sighting AS MATERIALIZED (
    SELECT s.* FROM ailog_peak.peak_sightings AS s WHERE s.base = ANY(%(bases)s)
),

whole AS (
    SELECT
        s.peak_key, min(s.first_event) AS first_seen, max(s.last_event) AS last_seen, count(DISTINCT s.window_start)::integer AS occurrences,
        count(DISTINCT s.incident_id)::integer AS incidents, sum(s.original_value)::bigint AS raw_errors, max(s.original_value) AS max_value,
        max(s.ratio) AS max_ratio
    FROM sighting AS s GROUP BY s.peak_key
),

print AS (
    SELECT x.peak_key, (array_agg(x.fingerprint ORDER BY x.fingerprint))[1:500] AS fingerprints
    FROM (SELECT DISTINCT s.peak_key, f.fingerprint FROM sighting AS s CROSS JOIN LATERAL unnest(s.fingerprints) AS f (fingerprint)) AS x
    GROUP BY x.peak_key
),

named AS (
    SELECT s.peak_key, 'namespace' AS what, s.namespace AS name, sum(s.original_value)::bigint AS events
    FROM sighting AS s GROUP BY s.peak_key, s.namespace
    UNION ALL
    SELECT s.peak_key, 'problem' AS what, s.problem_key, sum(s.original_value)::bigint AS events
    FROM sighting AS s GROUP BY s.peak_key, s.problem_key
    UNION ALL
    SELECT s.peak_key, 'app' AS what, a.key, sum(a.value::numeric)::bigint AS events
    FROM sighting AS s CROSS JOIN LATERAL jsonb_each_text(s.apps) AS a GROUP BY s.peak_key, a.key
),

top AS (
    SELECT
        r.peak_key,
        coalesce(jsonb_object_agg(r.name, r.events) FILTER (WHERE r.what = 'namespace'), '{}') AS namespaces,
        coalesce(jsonb_object_agg(r.name, r.events) FILTER (WHERE r.what = 'problem'), '{}') AS problems,
        coalesce(jsonb_object_agg(r.name, r.events) FILTER (WHERE r.what = 'app'), '{}') AS apps
    FROM (
        SELECT n.*, row_number() OVER (PARTITION BY n.peak_key, n.what ORDER BY n.events DESC, n.name) AS place FROM named AS n
    ) AS r
    WHERE r.place <= 100
    GROUP BY r.peak_key
),

lasted AS (
    SELECT
        d.peak_key,
        percentile_disc(0.5) WITHIN GROUP (ORDER BY extract(epoch FROM i.last_window - i.opened_window) / 60 + 15)::integer AS usual_minutes
    FROM (SELECT DISTINCT s.peak_key, s.incident_id FROM sighting AS s) AS d
    INNER JOIN ailog_peak.incidents AS i ON i.incident_id = d.incident_id AND i.status = 'resolved'
    GROUP BY d.peak_key
)

UPDATE ailog_peak.known_peaks AS k SET
    first_seen = coalesce(w.first_seen, k.first_seen),
    last_seen = coalesce(w.last_seen, k.last_seen),
    occurrences = coalesce(w.occurrences, 0),
    incidents = coalesce(w.incidents, 0),
    raw_errors = coalesce(w.raw_errors, 0),
    max_value = coalesce(w.max_value, 0),
    max_ratio = w.max_ratio,
    usual_minutes = l.usual_minutes,
    fingerprints = coalesce(p.fingerprints, '{}'),
    namespaces = coalesce(t.namespaces, '{}'),
    apps = coalesce(t.apps, '{}'),
    problems = coalesce(t.problems, '{}')
FROM ailog_peak.known_peaks AS o
LEFT JOIN whole AS w ON w.peak_key = o.peak_key
LEFT JOIN print AS p ON p.peak_key = o.peak_key
LEFT JOIN top AS t ON t.peak_key = o.peak_key
LEFT JOIN lasted AS l ON l.peak_key = o.peak_key
WHERE k.peak_id = o.peak_id AND k.category || ':' || k.flow = ANY(%(bases)s)

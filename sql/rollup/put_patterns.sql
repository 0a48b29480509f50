-- What the day adds to the events of each pattern, less what an earlier roll-up of the day had added. Before the roll-up is replaced.
WITH
change AS (
    SELECT d.fingerprint, sum(d.count)::bigint AS count, min(d.first_event) AS first_event, max(d.last_event) AS last_event
    FROM (
        SELECT e.fingerprint, e.count, e.first_event, e.last_event
        FROM ailog_peak.error_kind_counts AS e
        WHERE e.window_start >= %(start)s AND e.window_start < %(end)s
        UNION ALL
        SELECT r.fingerprint, -r.error_count, r.first_event, r.last_event
        FROM ailog_peak.daily_error_kind_rollups AS r
        WHERE r.date = %(date)s
    ) AS d
    GROUP BY d.fingerprint
)
INSERT INTO ailog_peak.error_patterns AS p (pattern_hash, template, events, first_seen, last_seen)
SELECT c.fingerprint, coalesce(s.template, ''), c.count, least(c.first_event, s.first_seen), greatest(c.last_event, s.last_seen)
FROM change AS c
LEFT JOIN ailog_peak.error_signatures AS s ON s.fingerprint = c.fingerprint
ON CONFLICT (pattern_hash) DO UPDATE SET
    template = CASE WHEN excluded.template = '' THEN p.template ELSE excluded.template END,
    events = p.events + excluded.events,
    first_seen = least(p.first_seen, excluded.first_seen),
    last_seen = greatest(p.last_seen, excluded.last_seen)

-- Which known peak an incident is, and in how many windows it was seen before: earlier than the quiet time before the incident, so that one
-- outbreak does not know itself from the namespace next door. Of spike and burst the spike goes first. Only incidents from the run on can
-- have changed by it.
UPDATE ailog_peak.incidents AS i SET known_peak_id = x.peak_id, known_peak_seen = x.seen
FROM (
    SELECT c.incident_id, f.peak_id, f.seen
    FROM ailog_peak.incidents AS c
    LEFT JOIN LATERAL (
        SELECT k.peak_id, k.peak_type, s.seen
        FROM ailog_peak.known_peaks AS k
        CROSS JOIN LATERAL (
            SELECT count(DISTINCT s.window_start)::integer AS seen
            FROM ailog_peak.peak_sightings AS s
            WHERE
                s.base = k.category || ':' || k.flow AND s.peak_type = k.peak_type
                AND s.window_start < c.opened_window - make_interval(mins => %(quiet_minutes)s)
        ) AS s
        WHERE
            k.category = split_part(c.problem_key, ':', 1) AND k.flow = split_part(c.problem_key, ':', 2)
            AND k.peak_type = ANY(c.flags) AND s.seen > 0
        ORDER BY k.peak_type DESC
        LIMIT 1
    ) AS f ON true
    WHERE
        c.last_window >= %(first)s::timestamptz - make_interval(mins => %(quiet_minutes)s + 15)
        AND split_part(c.problem_key, ':', 1) || ':' || split_part(c.problem_key, ':', 2) = ANY(%(bases)s)
) AS x
WHERE i.incident_id = x.incident_id AND (i.known_peak_id, i.known_peak_seen) IS DISTINCT FROM (x.peak_id, x.seen)

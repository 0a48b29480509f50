-- Peaks that were never seen before get the next numbers, in the order in which they were first seen.
INSERT INTO ailog_peak.known_peaks (peak_id, peak_key, category, flow, peak_type, first_seen, last_seen)
SELECT
    'PK-' || repeat('0', 6 - length(n.place::text)) || n.place, n.peak_key, split_part(n.peak_key, ':', 2), split_part(n.peak_key, ':', 3),
    n.peak_type, n.first_seen, n.last_seen
FROM (
    SELECT
        s.peak_key, s.peak_type, min(s.first_event) AS first_seen, max(s.last_event) AS last_seen,
        row_number() OVER (ORDER BY min(s.first_event), s.peak_key)
        + (SELECT coalesce(max(substr(k.peak_id, 4)::bigint), 0) FROM ailog_peak.known_peaks AS k) AS place
    FROM ailog_peak.peak_sightings AS s
    WHERE s.base = ANY(%(bases)s) AND NOT EXISTS (SELECT 1 FROM ailog_peak.known_peaks AS k WHERE k.peak_key = s.peak_key)
    GROUP BY s.peak_key, s.peak_type
) AS n

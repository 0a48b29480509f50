-- Why an incident has its severity, and where a new level was taken as usual.

ALTER TABLE ailog_peak.incidents ADD COLUMN contributions jsonb NOT NULL DEFAULT '{}';
COMMENT ON COLUMN ailog_peak.incidents.contributions IS 'What its score is made of: named points that add up to it, of its worst window.';
UPDATE ailog_peak.incidents AS i SET contributions = w.contributions
FROM (
    SELECT DISTINCT ON (p.incident_id) p.incident_id, p.score, p.contributions
    FROM ailog_peak.peak_investigation AS p
    ORDER BY p.incident_id, p.score DESC, p.window_start ASC
) AS w
WHERE w.incident_id = i.incident_id AND w.score = i.score;

-- Few among very many verdicts: asked for with every run, and when an incident ends.
CREATE INDEX detection_events_accepted ON ailog_peak.detection_events (namespace, window_start) WHERE evidence @> '{"level_accepted": true}';

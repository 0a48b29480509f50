INSERT INTO ailog_peak.error_signatures AS s (
    fingerprint, algorithm_version, error_type, template, category, subcategory, rule_id, rule_bundle, first_seen, last_seen, sample, specimen
)
SELECT
    %(fingerprint)s, %(version)s, %(error_type)s, %(template)s, o.category, o.subcategory, o.rule_id, o.rule_bundle,
    %(first_seen)s, %(last_seen)s, %(sample)s, %(specimen)s::jsonb
FROM ailog_peak.error_signatures AS o
WHERE o.fingerprint = %(classified_like)s
ON CONFLICT (fingerprint) DO NOTHING

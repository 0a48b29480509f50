INSERT INTO ailog_peak.error_signatures AS s (
    fingerprint, algorithm_version, error_type, template, category, subcategory, rule_id, rule_bundle, first_seen, last_seen, sample, specimen
)
SELECT DISTINCT ON (t.fingerprint)
    lpad(to_hex(t.fingerprint), 16, '0'), t.algorithm_version, t.error_type, t.template, t.category, t.subcategory, t.rule_id, t.rule_bundle,
    min(k.first_event) OVER same, max(k.last_event) OVER same, k.sample, t.specimen::jsonb
FROM ailog_staging.template AS t
INNER JOIN ailog_staging.kind_count AS k
    ON k.run_no = t.run_no AND k.fingerprint = t.fingerprint AND k.namespace = t.namespace AND k.app = t.app
WHERE t.run_no = %(run_no)s AND k.window_start = ANY(%(windows)s)
WINDOW same AS (PARTITION BY t.fingerprint)
ORDER BY t.fingerprint, k.first_event, k.namespace, k.app, k.sample
ON CONFLICT (fingerprint) DO UPDATE SET
    category = excluded.category, subcategory = excluded.subcategory, rule_id = excluded.rule_id, rule_bundle = excluded.rule_bundle,
    first_seen = least(s.first_seen, excluded.first_seen),
    last_seen = greatest(s.last_seen, excluded.last_seen),
    sample = CASE WHEN excluded.first_seen < s.first_seen THEN excluded.sample ELSE s.sample END,
    specimen = CASE WHEN excluded.first_seen < s.first_seen THEN excluded.specimen ELSE coalesce(s.specimen, excluded.specimen) END

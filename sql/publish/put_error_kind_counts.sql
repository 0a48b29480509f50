INSERT INTO ailog_peak.error_kind_counts (
    window_start, namespace, app, fingerprint, run_id, environment, problem_key, error_type, category, subcategory, count, estimated,
    first_event, last_event, versions, metadata_quality, sample
)
SELECT
    k.window_start, k.namespace, k.app, lpad(to_hex(k.fingerprint), 16, '0'), %(run_id)s, u.environment, t.problem_key, t.error_type,
    t.category, t.subcategory, k.count, k.estimated, k.first_event, k.last_event, k.versions, t.metadata_quality, k.sample
FROM ailog_staging.kind_count AS k
INNER JOIN ailog_staging.template AS t
    ON t.run_no = k.run_no AND t.fingerprint = k.fingerprint AND t.namespace = k.namespace AND t.app = k.app
INNER JOIN unnest(%(namespaces)s::text[], %(environments)s::text[]) AS u (namespace, environment) ON u.namespace = k.namespace
WHERE k.run_no = %(run_no)s AND k.window_start = ANY(%(windows)s)

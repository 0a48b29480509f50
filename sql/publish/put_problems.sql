INSERT INTO ailog_peak.problems AS p (problem_key, category, flow, error_class, first_seen, last_seen)
SELECT t.problem_key, min(t.category), min(t.flow), min(t.error_class), min(k.first_event), max(k.last_event)
FROM ailog_staging.template AS t
INNER JOIN ailog_staging.kind_count AS k
    ON k.run_no = t.run_no AND k.fingerprint = t.fingerprint AND k.namespace = t.namespace AND k.app = t.app
WHERE t.run_no = %(run_no)s AND k.window_start = ANY(%(windows)s)
GROUP BY t.problem_key
ON CONFLICT (problem_key) DO UPDATE SET
    first_seen = least(p.first_seen, excluded.first_seen), last_seen = greatest(p.last_seen, excluded.last_seen)

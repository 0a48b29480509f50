SELECT
    k.window_start, k.namespace, k.app, lpad(to_hex(k.fingerprint), 16, '0') AS fingerprint, t.problem_key, k.count, k.estimated,
    k.first_event, k.last_event, k.versions, k.sample, coalesce(f.family, lpad(to_hex(k.fingerprint), 16, '0')) AS family
FROM ailog_staging.kind_count AS k
INNER JOIN ailog_staging.template AS t
    ON t.run_no = k.run_no AND t.fingerprint = k.fingerprint AND t.namespace = k.namespace AND t.app = k.app
LEFT JOIN ailog_staging.family AS f ON f.run_no = k.run_no AND f.fingerprint = lpad(to_hex(k.fingerprint), 16, '0')
WHERE k.run_no = %(run_no)s
ORDER BY k.window_start, k.namespace, k.app, fingerprint

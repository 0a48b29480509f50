-- The problem of the cascade's root, in the namespace where the root logs it; several fingerprints of one problem are told by the widest.
SELECT DISTINCT ON (c.window_start, k.namespace, t.problem_key)
    c.window_start, k.namespace, t.problem_key, c.root_app, c.root_fingerprint, c.affected_apps, c.traces, c.example_trace,
    EXISTS (
        SELECT 1 FROM ailog_staging.detection AS d
        WHERE d.run_no = %(run_no)s AND d.window_start = c.window_start AND d.namespace = k.namespace AND d.fired
            AND (d.problem_key = t.problem_key OR d.subject = 'namespace')
    ) AS otherwise_fired
FROM ailog_staging.cascade AS c
INNER JOIN ailog_staging.kind_count AS k
    ON k.run_no = c.run_no AND k.window_start = c.window_start AND k.app = c.root_app
    AND lpad(to_hex(k.fingerprint), 16, '0') = c.root_fingerprint
INNER JOIN ailog_staging.template AS t
    ON t.run_no = k.run_no AND t.fingerprint = k.fingerprint AND t.namespace = k.namespace AND t.app = k.app
WHERE c.run_no = %(run_no)s
ORDER BY c.window_start, k.namespace, t.problem_key, c.traces DESC, c.root_fingerprint, c.root_app

-- Moves the run's warnings out of staging; the events of a namespace's overflow are counted from the run's kinds.
INSERT INTO ailog_peak.run_warnings (run_id, kind, namespace, kept, templates, at_least, events)
SELECT
    %(run_id)s, w.kind, w.namespace, w.kept, w.templates, w.at_least,
    CASE WHEN w.kind = 'overflow' THEN (
        SELECT coalesce(sum(k.count), 0)
        FROM ailog_staging.kind_count AS k
        WHERE
            k.run_no = w.run_no AND k.namespace = w.namespace
            AND k.fingerprint IN (
                SELECT t.fingerprint FROM ailog_staging.template AS t
                WHERE t.run_no = w.run_no AND t.namespace = w.namespace AND t.template = '<overflow>'
            )
    ) END
FROM ailog_staging.run_warning AS w
WHERE w.run_no = %(run_no)s

-- Namespaces whose messages do not categorise: more kinds than are kept apart.
UPDATE ailog_peak.analysis_runs AS r SET warnings = w.warnings
FROM (
    SELECT coalesce(array_agg(o.warning ORDER BY o.warning), '{}') AS warnings
    FROM (
        SELECT
            k.namespace || ': this namespace does not categorise; ' || sum(k.count)
            || ' events of kinds past classification.max_fingerprints_per_namespace are counted together' AS warning
        FROM ailog_staging.kind_count AS k
        WHERE
            k.run_no = %(run_no)s
            AND EXISTS (
                SELECT 1 FROM ailog_staging.template AS t
                WHERE
                    t.run_no = k.run_no AND t.fingerprint = k.fingerprint AND t.namespace = k.namespace AND t.app = k.app
                    AND t.template = '<overflow>'
            )
        GROUP BY k.namespace
    ) AS o
) AS w
WHERE r.run_id = %(run_id)s AND r.warnings IS DISTINCT FROM w.warnings

-- The run's warnings in words: what the ledger, the reports and the messages show.
UPDATE ailog_peak.analysis_runs AS r SET warnings = w.warnings
FROM (
    SELECT
        coalesce(
            array_agg(
                CASE o.kind
                    WHEN 'overflow' THEN format(
                        '%%s: this namespace does not categorise; %%s events of %%s%%s templates past the first %%s are counted together as '
                        '<overflow>. Look for free text or ids in its messages (ailog stats, ailog classify), or raise '
                        'classification.max_fingerprints_per_namespace',
                        o.namespace, o.events, CASE WHEN o.at_least THEN 'more than ' ELSE '' END, o.templates, o.kept
                    )
                    ELSE format(
                        '%%s templates past the first %%s are not compared with others and stay families of their own. Find what makes '
                        'so many: a namespace that does not categorise, or free text in messages',
                        o.templates, o.kept
                    )
                END
                ORDER BY o.kind DESC, o.events DESC, o.namespace
            ),
            '{}'
        ) AS warnings
    FROM ailog_peak.run_warnings AS o
    WHERE o.run_id = %(run_id)s
) AS w
WHERE r.run_id = %(run_id)s AND r.warnings IS DISTINCT FROM w.warnings

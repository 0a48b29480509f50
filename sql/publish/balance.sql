-- What went in must come out: events staged, events classified, events in the counts per kind and in the namespace totals.
SELECT
    (SELECT coalesce(sum(o.expected), 0)::bigint FROM ailog_staging.source_outcome AS o WHERE o.run_no = %(run_no)s AND o.status = 'complete') AS expected,
    (SELECT coalesce(sum(o.fetched), 0)::bigint FROM ailog_staging.source_outcome AS o WHERE o.run_no = %(run_no)s AND o.status = 'complete') AS fetched,
    (SELECT coalesce(sum(o.rejected), 0)::bigint FROM ailog_staging.source_outcome AS o WHERE o.run_no = %(run_no)s AND o.status = 'complete') AS rejected,
    (SELECT coalesce(sum(o.staged), 0)::bigint FROM ailog_staging.source_outcome AS o WHERE o.run_no = %(run_no)s AND o.status = 'complete') AS staged,
    (SELECT count(*) FROM ailog_staging.classified_event AS e WHERE e.run_no = %(run_no)s) AS classified,
    (SELECT coalesce(sum(k.count), 0)::bigint FROM ailog_staging.kind_count AS k WHERE k.run_no = %(run_no)s) AS stored,
    (SELECT coalesce(sum(n.count), 0)::bigint FROM ailog_staging.namespace_count AS n WHERE n.run_no = %(run_no)s) AS totals,
    (SELECT coalesce(bool_or(o.sampled), false) FROM ailog_staging.source_outcome AS o WHERE o.run_no = %(run_no)s) AS sampled,
    (
        SELECT coalesce(sum(k.count) FILTER (WHERE t.category = 'unknown'), 0)::double precision / nullif(sum(k.count), 0)
        FROM ailog_staging.kind_count AS k
        INNER JOIN ailog_staging.template AS t
            ON t.run_no = k.run_no AND t.fingerprint = k.fingerprint AND t.namespace = k.namespace AND t.app = k.app
        WHERE k.run_no = %(run_no)s
    ) AS unknown_share

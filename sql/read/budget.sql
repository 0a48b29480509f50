-- Of each namespace in use or told of: incidents that people were told of in a span, and what people said of them. A week is 672 windows
-- that were judged. What nobody labelled is neither true nor false.
WITH judged AS (
    SELECT count(*) / 672.0::double precision AS weeks
    FROM ailog_peak.analysis_run_windows AS w
    INNER JOIN ailog_peak.analysis_runs AS r ON r.run_id = w.run_id
    WHERE w.window_start >= %(since)s AND w.window_start < %(until)s AND w.status <> 'failed' AND r.kind <> 'init'
),

told AS (
    SELECT
        i.namespace, count(*)::integer AS told,
        count(*) FILTER (WHERE i.useful)::integer AS useful,
        count(*) FILTER (WHERE NOT i.useful)::integer AS not_useful,
        count(*) FILTER (WHERE i.useful IS NULL)::integer AS unlabelled
    FROM ailog_peak.incidents AS i
    WHERE i.opened_window >= %(since)s AND i.opened_window < %(until)s AND i.notified_window IS NOT NULL
    GROUP BY i.namespace
),

known AS (
    SELECT t.namespace FROM told AS t
    UNION
    SELECT v.namespace
    FROM ailog_peak.threshold_snapshot_values AS v
    INNER JOIN ailog_peak.threshold_snapshot_latest AS l ON l.snapshot_id = v.snapshot_id
)

SELECT
    k.namespace, j.weeks, coalesce(t.told, 0) AS told, coalesce(t.useful, 0) AS useful, coalesce(t.not_useful, 0) AS not_useful,
    coalesce(t.unlabelled, 0) AS unlabelled
FROM known AS k
CROSS JOIN judged AS j
LEFT JOIN told AS t ON t.namespace = k.namespace
WHERE %(namespace)s::text IS NULL OR k.namespace = %(namespace)s
ORDER BY coalesce(t.not_useful, 0) DESC, coalesce(t.told, 0) DESC, k.namespace ASC

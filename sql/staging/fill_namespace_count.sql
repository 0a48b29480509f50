-- The dense grid of the run: every window of every namespace that is known or was seen. A sample is topped up by the source's own counts.
-- A window is complete only when every source was read; a namespace without events in an incomplete window gets no row at all.
WITH
seen AS (
    SELECT k.window_start, k.namespace, sum(k.count)::bigint AS count, bool_or(k.estimated) AS estimated
    FROM ailog_staging.kind_count AS k
    WHERE k.run_no = $1
    GROUP BY k.window_start, k.namespace
),
counted AS (
    SELECT c.window_start, c.namespace, sum(c.errors)::bigint AS errors,
        CASE WHEN bool_and(c.documents IS NOT NULL) THEN sum(c.documents)::bigint END AS documents
    FROM ailog_staging.source_count AS c
    WHERE c.run_no = $1
    GROUP BY c.window_start, c.namespace
),
outcome AS (
    SELECT
        p.run_no,
        (
            SELECT count(*) = jsonb_array_length(p.sources) FROM ailog_staging.source_outcome AS o
            WHERE o.run_no = p.run_no AND o.status = 'complete'
        ) AS complete
    FROM ailog_staging.run_plan AS p
    WHERE p.run_no = $1
),
names AS (
    SELECT namespace FROM seen
    UNION
    SELECT namespace FROM counted
    UNION
    SELECT unnest(string_to_array($2, ','))
)
INSERT INTO ailog_staging.namespace_count (run_no, window_start, namespace, count, documents, complete, estimated)
SELECT
    $1, w.window_start, n.namespace, coalesce(s.count, 0),
    CASE WHEN o.complete THEN coalesce(c.documents, CASE WHEN c.namespace IS NULL THEN 0 END) END,
    o.complete,
    coalesce(s.estimated, false)
FROM outcome AS o
INNER JOIN ailog_staging.run_plan AS p ON p.run_no = o.run_no
CROSS JOIN unnest(p.windows) AS w (window_start)
CROSS JOIN names AS n
LEFT JOIN seen AS s ON s.window_start = w.window_start AND s.namespace = n.namespace
LEFT JOIN counted AS c ON c.window_start = w.window_start AND c.namespace = n.namespace
WHERE n.namespace <> '' AND (o.complete OR s.namespace IS NOT NULL)

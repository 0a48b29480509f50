-- A day as ledger and facts have it: windows whose facts do not add up to what the ledger says are uneven.
WITH
total AS (
    SELECT n.window_start, sum(n.count)::bigint AS count
    FROM ailog_peak.namespace_error_counts AS n
    WHERE n.window_start >= %(start)s AND n.window_start < %(end)s
    GROUP BY n.window_start
),
kind AS (
    SELECT e.window_start, sum(e.count)::bigint AS count
    FROM ailog_peak.error_kind_counts AS e
    WHERE e.window_start >= %(start)s AND e.window_start < %(end)s
    GROUP BY e.window_start
),
ledger AS (
    SELECT
        w.window_start, w.status, w.stored,
        EXISTS (SELECT 1 FROM ailog_peak.analysis_run_sources AS s WHERE s.run_id = w.run_id AND s.source = 'import') AS imported
    FROM ailog_peak.analysis_run_windows AS w
    WHERE w.window_start >= %(start)s AND w.window_start < %(end)s
)
SELECT
    (count(*) FILTER (WHERE l.status <> 'failed'))::integer AS windows,
    (count(*) FILTER (WHERE l.status = 'complete'))::integer AS complete,
    (count(*) FILTER (WHERE l.imported))::integer AS imported,
    (count(*) FILTER (
        WHERE coalesce(t.count, 0) <> coalesce(l.stored, 0) OR (NOT coalesce(l.imported, false) AND coalesce(k.count, 0) <> coalesce(t.count, 0))
    ))::integer AS uneven,
    coalesce(sum(t.count), 0)::bigint AS error_count,
    coalesce(sum(k.count), 0)::bigint AS kind_count
FROM ledger AS l
FULL JOIN total AS t ON t.window_start = l.window_start
FULL JOIN kind AS k ON k.window_start = coalesce(l.window_start, t.window_start)

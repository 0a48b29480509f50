-- The last days up to the end of one: errors, complete windows, and the incidents that had a window on the day by their gravest severity then.
WITH days AS (
    SELECT g.day
    FROM generate_series(%(end)s::timestamptz - make_interval(days => %(days)s), %(end)s::timestamptz - interval '1 day', interval '1 day')
        AS g (day)
),

windows AS (
    SELECT
        date_trunc('day', w.window_start, 'UTC') AS day,
        count(*) FILTER (WHERE w.status = 'complete')::integer AS complete,
        bool_and(r.verdict = 'final') AS final
    FROM ailog_peak.analysis_run_windows AS w
    INNER JOIN ailog_peak.analysis_runs AS r ON r.run_id = w.run_id
    WHERE w.window_start >= %(end)s::timestamptz - make_interval(days => %(days)s) AND w.window_start < %(end)s
    GROUP BY 1
),

counts AS (
    SELECT date_trunc('day', n.window_start, 'UTC') AS day, sum(n.count)::bigint AS errors
    FROM ailog_peak.namespace_error_counts AS n
    WHERE n.window_start >= %(end)s::timestamptz - make_interval(days => %(days)s) AND n.window_start < %(end)s
    GROUP BY 1
),

worst AS (
    SELECT DISTINCT ON (date_trunc('day', p.window_start, 'UTC'), p.incident_id)
        date_trunc('day', p.window_start, 'UTC') AS day, p.incident_id, p.severity
    FROM ailog_peak.peak_investigation AS p
    WHERE p.window_start >= %(end)s::timestamptz - make_interval(days => %(days)s) AND p.window_start < %(end)s
    ORDER BY date_trunc('day', p.window_start, 'UTC'), p.incident_id, p.score DESC
),

grades AS (
    SELECT
        x.day,
        count(*)::integer AS incidents,
        count(*) FILTER (WHERE x.severity = 'critical')::integer AS critical,
        count(*) FILTER (WHERE x.severity = 'high')::integer AS high,
        count(*) FILTER (WHERE x.severity = 'medium')::integer AS medium
    FROM worst AS x
    GROUP BY x.day
)

SELECT
    d.day, w.complete, w.final, c.errors, coalesce(g.incidents, 0) AS incidents, coalesce(g.critical, 0) AS critical,
    coalesce(g.high, 0) AS high, coalesce(g.medium, 0) AS medium
FROM days AS d
INNER JOIN windows AS w ON w.day = d.day
LEFT JOIN counts AS c ON c.day = d.day
LEFT JOIN grades AS g ON g.day = d.day
ORDER BY d.day DESC

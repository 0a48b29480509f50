-- The incidents that have a window on a day, gravest first, with the newest of these windows and the sum over them.
WITH mine AS (
    SELECT p.*
    FROM ailog_peak.peak_investigation AS p
    WHERE p.window_start >= %(start)s AND p.window_start < %(end)s
),

newest AS (
    SELECT DISTINCT ON (m.incident_id)
        m.incident_id, m.window_start, m.original_value, m.namespace_total, m.baseline_mean, m.threshold, m.ratio, m.contributions,
        m.score AS window_score, m.reason AS window_reason, m.trace_id
    FROM mine AS m
    ORDER BY m.incident_id, m.window_start DESC, m.problem_key
),

sums AS (
    SELECT m.incident_id, sum(m.original_value)::bigint AS run_count, count(*)::integer AS run_windows, max(m.score) AS day_score
    FROM mine AS m GROUP BY m.incident_id
)

SELECT
    i.*, n.window_start, n.original_value, n.namespace_total, n.baseline_mean, n.threshold, n.ratio, n.contributions, n.window_score,
    n.window_reason, n.trace_id, s.run_count, s.run_windows, s.day_score,
    CASE WHEN k.issue_id IS NOT NULL
        THEN jsonb_build_object('title', k.title, 'ticket', k.ticket, 'workaround', k.workaround, 'owner', k.owner, 'status', k.status)
    END AS known_issue
FROM ailog_peak.incidents AS i
INNER JOIN newest AS n ON n.incident_id = i.incident_id
INNER JOIN sums AS s ON s.incident_id = i.incident_id
LEFT JOIN ailog_peak.known_issues AS k ON k.issue_id = i.known_issue_id
ORDER BY i.score DESC, s.run_count DESC, i.problem_key, i.namespace
LIMIT %(limit)s

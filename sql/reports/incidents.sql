-- The incidents that have a window in the run (without one: in the span), gravest first, with the newest of these windows and the sum over them.
WITH mine AS (
    SELECT p.*
    FROM ailog_peak.peak_investigation AS p
    INNER JOIN ailog_peak.analysis_run_windows AS w ON w.window_start = p.window_start
    WHERE
        w.window_start >= %(since)s AND w.window_start < %(until)s
        AND (%(run_id)s::uuid IS NULL OR w.run_id = %(run_id)s::uuid)
),

newest AS (
    SELECT DISTINCT ON (m.incident_id)
        m.incident_id, m.window_start, m.original_value, m.namespace_total, m.baseline_mean, m.threshold, m.ratio,
        m.score AS window_score, m.reason AS window_reason, m.trace_id
    FROM mine AS m
    ORDER BY m.incident_id, m.window_start DESC, m.problem_key
),

sums AS (
    SELECT m.incident_id, sum(m.original_value)::bigint AS run_count, count(*)::integer AS run_windows
    FROM mine AS m GROUP BY m.incident_id
)

SELECT
    i.*, n.window_start, n.original_value, n.namespace_total, n.baseline_mean, n.threshold, n.ratio, n.window_score,
    n.window_reason, n.trace_id, s.run_count, s.run_windows, count(*) OVER ()::integer AS incident_total,
    CASE WHEN k.issue_id IS NOT NULL THEN jsonb_build_object(
        'title', k.title, 'ticket', k.ticket, 'workaround', k.workaround, 'owner', k.owner, 'status', k.status, 'fixed_in', k.fixed_in
    ) END
        AS known_issue,
    CASE WHEN kp.peak_id IS NOT NULL THEN jsonb_build_object(
        'since', kp.first_seen, 'minutes', coalesce(kp.typical_minutes, kp.usual_minutes), 'mitigation', kp.mitigation, 'ticket', kp.ticket,
        'owner', kp.owner, 'status', kp.status
    ) END AS known_peak,
    CASE WHEN e.incident_id IS NOT NULL THEN jsonb_build_object(
        'namespace', e.namespace, 'resolved_by', e.resolved_by, 'resolved_at', e.resolved_at, 'last_window', e.last_window
    ) END AS earlier,
    q.first_seen AS known_since
FROM ailog_peak.incidents AS i
INNER JOIN newest AS n ON n.incident_id = i.incident_id
INNER JOIN sums AS s ON s.incident_id = i.incident_id
LEFT JOIN ailog_peak.known_issues AS k ON k.issue_id = i.known_issue_id
LEFT JOIN ailog_peak.known_peaks AS kp ON kp.peak_id = i.known_peak_id
LEFT JOIN ailog_peak.incidents AS e ON e.incident_id = i.regression_of
LEFT JOIN ailog_peak.problems AS q ON q.problem_key = i.problem_key
ORDER BY i.score DESC, s.run_count DESC, i.problem_key, i.namespace
LIMIT %(limit)s

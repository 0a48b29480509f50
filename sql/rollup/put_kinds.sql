INSERT INTO ailog_peak.daily_error_kind_rollups (
    date, namespace, app, fingerprint, error_type, category, subcategory, problem_key, environment, error_count, windows, complete_windows,
    estimated, first_event, last_event
)
SELECT
    %(date)s::date, e.namespace, e.app, e.fingerprint, e.error_type, e.category, e.subcategory, e.problem_key, min(e.environment), sum(e.count),
    count(*), count(*) FILTER (WHERE w.status = 'complete'), bool_or(e.estimated), min(e.first_event), max(e.last_event)
FROM ailog_peak.error_kind_counts AS e
LEFT JOIN ailog_peak.analysis_run_windows AS w ON w.window_start = e.window_start
WHERE e.window_start >= %(start)s AND e.window_start < %(end)s
GROUP BY e.namespace, e.app, e.fingerprint, e.error_type, e.category, e.subcategory, e.problem_key

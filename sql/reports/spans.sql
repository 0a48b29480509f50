-- The end of the newest complete window, and how many complete windows each span of the tables holds: rates are per complete window.
WITH newest AS (
    SELECT max(w.window_start) + interval '15 minutes' AS as_of
    FROM ailog_peak.analysis_run_windows AS w
    WHERE w.status = 'complete'
)

SELECT
    n.as_of,
    count(*) FILTER (WHERE w.window_start >= n.as_of - interval '2 hours')::integer AS recent_2h,
    count(*) FILTER (WHERE w.window_start < n.as_of - interval '2 hours' AND w.window_start >= n.as_of - interval '12 hours')::integer
        AS before_2h,
    count(*) FILTER (WHERE w.window_start >= n.as_of - interval '24 hours')::integer AS recent_24h,
    count(*) FILTER (WHERE w.window_start < n.as_of - interval '24 hours' AND w.window_start >= n.as_of - interval '7 days')::integer
        AS before_24h,
    count(*) FILTER (WHERE w.window_start >= n.as_of - interval '7 days')::integer AS recent_7d,
    count(*) FILTER (WHERE w.window_start < n.as_of - interval '7 days' AND w.window_start >= n.as_of - interval '14 days')::integer
        AS before_7d
FROM newest AS n
LEFT JOIN ailog_peak.analysis_run_windows AS w ON w.status = 'complete' AND w.window_start < n.as_of
GROUP BY n.as_of

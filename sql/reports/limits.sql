-- How many (window, namespace) totals of the run (without one: of the span) were judged against a limit, and how many passed it, whatever the verdict.
SELECT
    count(*) FILTER (WHERE d.threshold IS NOT NULL)::integer AS judged,
    count(*) FILTER (WHERE d.value > d.threshold)::integer AS passed
FROM ailog_peak.detection_events AS d
INNER JOIN ailog_peak.analysis_run_windows AS w ON w.window_start = d.window_start
WHERE
    w.window_start >= %(since)s AND w.window_start < %(until)s
    AND (%(run_id)s::uuid IS NULL OR w.run_id = %(run_id)s::uuid)
    AND d.detector = 'spike' AND d.subject = 'namespace'

-- What each namespace counted in each window of a span, and the limit that the total was judged against.
SELECT n.window_start, n.namespace, n.count, n.complete, n.estimated, d.threshold AS judged_limit
FROM ailog_peak.namespace_error_counts AS n
LEFT JOIN ailog_peak.detection_events AS d
    ON d.window_start = n.window_start AND d.namespace = n.namespace AND d.detector = 'spike' AND d.subject = 'namespace'
WHERE n.window_start >= %(since)s AND n.window_start < %(until)s
ORDER BY n.window_start, n.namespace

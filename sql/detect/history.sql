-- Complete windows before the run, of the season (the time of day of a judged window, give or take 90 minutes) and of the last two hours.
SELECT n.window_start, n.namespace, n.count, n.document_count AS documents
FROM ailog_peak.namespace_error_counts AS n
WHERE
    n.window_start >= %(first)s::timestamptz - make_interval(days => %(days)s)
    AND n.window_start < %(first)s
    AND n.complete
    AND (
        n.window_start >= %(first)s::timestamptz - interval '2 hours'
        OR mod(extract(epoch FROM n.window_start)::bigint / 900, 96)::int = ANY(%(slots)s)
    )
ORDER BY n.window_start, n.namespace

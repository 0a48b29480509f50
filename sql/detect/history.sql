-- Complete windows before the judged day, at the times of day of its judged windows, give or take 90 minutes. Windows that the run reads
-- again count as it read them: its own word replaces the stored one.
SELECT h.window_start, h.namespace, h.count, h.documents
FROM (
    SELECT n.window_start, n.namespace, n.count, n.document_count AS documents
    FROM ailog_peak.namespace_error_counts AS n
    WHERE
        n.window_start >= %(day)s::timestamptz - make_interval(days => %(days)s) AND n.window_start < %(day)s
        AND n.complete AND n.window_start <> ALL(%(windows)s)
    UNION ALL
    SELECT s.window_start, s.namespace, s.count, s.documents
    FROM ailog_staging.namespace_count AS s
    WHERE
        s.run_no = %(run_no)s AND s.complete
        AND s.window_start >= %(day)s::timestamptz - make_interval(days => %(days)s) AND s.window_start < %(day)s
) AS h
WHERE mod(extract(epoch FROM h.window_start)::bigint / 900, 96)::int = ANY(%(slots)s)
ORDER BY h.window_start, h.namespace

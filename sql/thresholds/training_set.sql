-- Totals of complete windows before the cut, less those that were incidents at the time.
SELECT n.window_start, n.namespace, n.count
FROM ailog_peak.namespace_error_counts AS n
WHERE
    n.window_start >= %(start)s AND n.window_start < %(as_of)s AND n.complete
    AND NOT EXISTS (
        SELECT 1 FROM ailog_peak.peak_investigation AS p
        WHERE p.window_start = n.window_start AND p.namespace = n.namespace AND NOT p.is_continuation
            AND (p.is_spike OR p.is_burst OR p.is_silence)
    )
ORDER BY n.namespace, n.window_start

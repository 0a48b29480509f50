SELECT
    (count(*) FILTER (WHERE NOT n.complete))::bigint AS incomplete,
    (count(*) FILTER (WHERE n.complete AND p.namespace IS NOT NULL))::bigint AS incident
FROM ailog_peak.namespace_error_counts AS n
LEFT JOIN (
    SELECT DISTINCT q.window_start, q.namespace FROM ailog_peak.peak_investigation AS q
    WHERE NOT q.is_continuation AND (q.is_spike OR q.is_burst OR q.is_silence)
) AS p ON p.window_start = n.window_start AND p.namespace = n.namespace
WHERE n.window_start >= %(start)s AND n.window_start < %(as_of)s

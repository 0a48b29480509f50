-- Every window of some namespaces before the cut, by quarter hour since the epoch, with what speaks against learning from it. One row a
-- window: where a final word exists, it is the final one.
COPY (
    SELECT
        n.namespace, (extract(epoch FROM n.window_start) / 900)::integer AS slot, n.count, n.document_count,
        n.complete::integer, n.estimated::integer, (p.namespace IS NOT NULL)::integer
    FROM ailog_peak.namespace_error_counts AS n
    LEFT JOIN (
        SELECT DISTINCT q.window_start, q.namespace FROM ailog_peak.peak_investigation AS q
        WHERE
            NOT q.is_continuation AND (q.is_spike OR q.is_burst OR q.is_silence)
            AND q.namespace = ANY(%(namespaces)s) AND q.window_start >= %(start)s AND q.window_start < %(as_of)s
    ) AS p ON p.window_start = n.window_start AND p.namespace = n.namespace
    WHERE n.namespace = ANY(%(namespaces)s) AND n.window_start >= %(start)s AND n.window_start < %(as_of)s
) TO STDOUT (FORMAT csv)

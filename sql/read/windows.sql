-- How many windows of a span each status has, and what their runs expected and stored.
SELECT
    count(*) FILTER (WHERE w.status = 'complete') AS complete,
    count(*) FILTER (WHERE w.status = 'partial') AS partial,
    count(*) FILTER (WHERE w.status = 'failed') AS failed,
    coalesce(sum(w.expected), 0)::bigint AS expected,
    coalesce(sum(w.stored), 0)::bigint AS stored,
    min(w.window_start) AS first_window,
    max(w.window_start) AS last_window
FROM ailog_peak.analysis_run_windows AS w
WHERE
    (%(since)s::timestamptz IS NULL OR w.window_start >= %(since)s)
    AND (%(until)s::timestamptz IS NULL OR w.window_start < %(until)s)

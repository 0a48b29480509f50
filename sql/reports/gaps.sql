-- Windows of the look-back before the end of the run, from the first one ever analysed, that no complete run covers.
WITH due AS (
    SELECT g.window_start
    FROM generate_series(
        greatest(
            (SELECT min(w.window_start) FROM ailog_peak.analysis_run_windows AS w),
            %(window_to)s::timestamptz - make_interval(hours => %(lookback_hours)s)
        ),
        %(window_to)s::timestamptz - interval '15 minutes',
        interval '15 minutes'
    ) AS g (window_start)
)

SELECT
    count(*) FILTER (WHERE w.window_start IS NULL)::integer AS missing,
    count(*) FILTER (WHERE w.status = 'partial')::integer AS partial,
    count(*) FILTER (WHERE w.status = 'failed')::integer AS failed,
    min(due.window_start) FILTER (WHERE w.status IS DISTINCT FROM 'complete') AS oldest
FROM due
LEFT JOIN ailog_peak.analysis_run_windows AS w ON w.window_start = due.window_start

INSERT INTO ailog_staging.trace_edge (run_no, window_start, from_app, to_app, traces, by_span, median_gap_ms)
SELECT
    %(run_no)s, window_start, previous_app, app, count(*)::int, (count(*) FILTER (WHERE by_span))::int,
    percentile_cont(0.5) WITHIN GROUP (ORDER BY gap_ms)
FROM first_error
WHERE previous_app IS NOT NULL AND (by_span OR gap_ms > %(skew_ms)s)
GROUP BY window_start, previous_app, app

INSERT INTO ailog_staging.trace_edge (run_no, window_start, from_app, to_app, traces, by_span, median_gap_ms)
SELECT
    %(run_no)s, k.window_start, p.app, k.app, count(*)::int, (count(*) FILTER (WHERE f.by_span))::int,
    percentile_cont(0.5) WITHIN GROUP (ORDER BY f.gap_ms)
FROM first_error AS f
INNER JOIN kind AS k ON k.kind_no = f.kind_no
INNER JOIN kind AS p ON p.kind_no = f.previous_kind
WHERE f.by_span OR f.gap_ms > %(skew_ms)s
GROUP BY k.window_start, p.app, k.app

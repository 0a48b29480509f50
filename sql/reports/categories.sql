-- Events of the run (without one: of the span) by category.
SELECT
    k.category, k.subcategory, sum(k.count)::bigint AS events, count(DISTINCT k.problem_key)::integer AS problems,
    bool_or(k.estimated) AS estimated
FROM ailog_peak.error_kind_counts AS k
INNER JOIN ailog_peak.analysis_run_windows AS w ON w.window_start = k.window_start
WHERE
    w.window_start >= %(since)s AND w.window_start < %(until)s
    AND k.window_start >= %(since)s AND k.window_start < %(until)s
    AND (%(run_id)s::uuid IS NULL OR w.run_id = %(run_id)s::uuid)
GROUP BY k.category, k.subcategory
ORDER BY sum(k.count) DESC, k.category, k.subcategory

-- Whether a run of the same kind (regular and manual are one) has reported later windows than this one.
SELECT EXISTS (
    SELECT 1 FROM ailog_peak.analysis_runs AS r
    INNER JOIN ailog_peak.run_reports AS p ON p.run_id = r.run_id AND p.format = 'html'
    WHERE
        r.window_to > %(window_to)s
        AND CASE WHEN r.kind = 'manual' THEN 'regular' ELSE r.kind END = %(kind)s
) AS newer

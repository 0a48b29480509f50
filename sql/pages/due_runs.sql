-- Finished backfills of the last days whose page of the day was rendered from another run or not at all.
SELECT r.run_id
FROM ailog_peak.analysis_runs AS r
WHERE
    r.kind = 'backfill'
    AND r.status IN ('complete', 'partial')
    AND r.window_to - r.window_from >= interval '1 day'
    AND r.completed_at > %(now)s::timestamptz - make_interval(days => %(days)s)
    AND NOT EXISTS (
        SELECT 1 FROM ailog_peak.analysis_runs AS newer
        WHERE
            newer.kind = 'backfill' AND newer.status IN ('complete', 'partial') AND newer.window_from <= r.window_from
            AND newer.window_to >= r.window_to AND newer.completed_at > r.completed_at
    )
    AND NOT EXISTS (
        SELECT 1 FROM ailog_peak.wanted_pages AS p
        WHERE p.kind = 'day' AND p.as_of = r.window_to AND p.wanted_at >= r.completed_at
    )
ORDER BY r.window_to

-- Days that a recent run had a word on since their page was wanted: those of a backfill, and those that have a page already.
SELECT x.day
FROM (
    SELECT date_trunc('day', w.window_start, 'UTC') AS day, max(r.completed_at) AS completed_at, bool_or(r.kind = 'backfill') AS finished
    FROM ailog_peak.analysis_runs AS r
    INNER JOIN ailog_peak.analysis_run_windows AS w ON w.run_id = r.run_id
    WHERE
        r.completed_at > %(now)s::timestamptz - make_interval(days => %(days)s)
        AND r.status IN ('complete', 'partial')
        AND r.kind <> 'init'
    GROUP BY date_trunc('day', w.window_start, 'UTC')
) AS x
LEFT JOIN ailog_peak.wanted_pages AS p ON p.kind = 'day' AND p.as_of = x.day + interval '1 day'
WHERE (x.finished AND p.page_key IS NULL) OR p.wanted_at < x.completed_at
ORDER BY x.day

-- The UTC days up to one: how many of the 96 windows are complete, the errors counted in them, and the incidents that opened.
SELECT
    g.day AS day_start,
    count(w.window_start) FILTER (WHERE w.status = 'complete')::integer AS complete,
    coalesce(sum(w.stored) FILTER (WHERE w.status = 'complete'), 0)::bigint AS errors,
    (
        SELECT count(*) FROM ailog_peak.incidents AS i
        WHERE i.opened_window >= g.day AND i.opened_window < g.day + interval '1 day'
    )::integer AS incidents
FROM generate_series(%(last_day)s::timestamptz - interval '27 days', %(last_day)s::timestamptz, interval '1 day') AS g (day)
LEFT JOIN ailog_peak.analysis_run_windows AS w ON w.window_start >= g.day AND w.window_start < g.day + interval '1 day'
GROUP BY g.day
ORDER BY g.day

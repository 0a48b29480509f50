-- How far the analysis is: the newest window that was read whole, the newest complete regular run, and windows of the last day without one.
SELECT
    (SELECT max(w.window_start) FROM ailog_peak.analysis_run_windows AS w WHERE w.status = 'complete' AND w.window_start <= %(now)s) AS newest,
    (
        SELECT max(r.completed_at) FROM ailog_peak.analysis_runs AS r
        WHERE r.kind = 'regular' AND (r.status = 'complete' OR r.status = 'superseded' AND r.error IS NULL)
    ) AS last_complete,
    (SELECT min(w.window_start) FROM ailog_peak.analysis_run_windows AS w) AS oldest,
    (SELECT max(b.watched_at) FROM ailog_peak.watch_beat AS b) AS watched_at,
    (
        SELECT coalesce(array_agg(g.window_start ORDER BY g.window_start), '{}')
        FROM generate_series(%(since)s::timestamptz, %(until)s::timestamptz - interval '15 minutes', interval '15 minutes') AS g (window_start)
        WHERE NOT EXISTS (
            SELECT 1 FROM ailog_peak.analysis_run_windows AS w WHERE w.window_start = g.window_start AND w.status = 'complete'
        )
    ) AS gaps

-- The newest UTC day that a backfill finished; without one, the day of the newest window that was analysed.
SELECT coalesce(
    (
        SELECT max(date_trunc('day', r.window_from, 'UTC')) FROM ailog_peak.analysis_runs AS r
        WHERE r.kind = 'backfill' AND r.status IN ('complete', 'partial')
    ),
    (SELECT max(date_trunc('day', w.window_start, 'UTC')) FROM ailog_peak.analysis_run_windows AS w WHERE w.status <> 'failed')
) AS day

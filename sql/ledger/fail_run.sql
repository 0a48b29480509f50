-- A run that failed says nothing of its windows; a window that a complete run covers stays with that run.
WITH failed AS (
    UPDATE ailog_peak.analysis_runs SET status = 'failed', error = %(error)s, completed_at = now()
    WHERE run_id = %(run_id)s AND status <> 'complete'
    RETURNING run_id
)
INSERT INTO ailog_peak.analysis_run_windows AS w (window_start, run_id, status)
SELECT u.window_start, f.run_id, 'failed' FROM failed AS f CROSS JOIN unnest(%(windows)s::timestamptz[]) AS u (window_start)
ON CONFLICT (window_start) DO UPDATE SET run_id = excluded.run_id, status = 'failed', expected = NULL, stored = 0
WHERE w.status = 'failed'

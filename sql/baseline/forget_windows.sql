-- Windows of this day that an earlier import had and this one has not: one more import replaces the one before whole.
WITH gone AS (
    DELETE FROM ailog_peak.analysis_run_windows AS w
    WHERE w.run_id = %(run_id)s AND w.window_start <> ALL(%(window_starts)s)
    RETURNING w.window_start
)
DELETE FROM ailog_peak.namespace_error_counts AS n
USING gone
WHERE n.window_start = gone.window_start

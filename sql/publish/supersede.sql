-- A run that has the last word on no window any more is superseded.
UPDATE ailog_peak.analysis_runs AS r SET status = 'superseded', superseded_by = %(run_id)s
WHERE
    r.run_id <> %(run_id)s
    AND r.status IN ('complete', 'partial', 'failed')
    AND r.window_from < %(window_to)s AND r.window_to > %(window_from)s
    AND NOT EXISTS (SELECT 1 FROM ailog_peak.analysis_run_windows AS w WHERE w.run_id = r.run_id)

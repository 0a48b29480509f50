-- Runs that are long past every time limit and have nothing staged to go on with.
UPDATE ailog_peak.analysis_runs AS r SET status = 'failed', completed_at = %(now)s, error = 'the run never came to an end'
WHERE
    r.status = 'running' AND r.started_at < %(before)s
    AND NOT EXISTS (SELECT 1 FROM ailog_staging.run_plan AS p WHERE p.run_id = r.run_id)

SELECT p.run_no
FROM ailog_staging.run_plan AS p
LEFT JOIN ailog_peak.analysis_runs AS r ON r.run_id = p.run_id
WHERE
    (p.run_id = %(run_id)s AND (p.dry_run OR r.status IN ('complete', 'partial', 'superseded')))
    OR p.planned_at < %(before)s
FOR UPDATE OF p

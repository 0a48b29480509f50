SELECT count(*)::bigint
FROM ailog_peak.rejected_event AS e
INNER JOIN ailog_peak.analysis_runs AS r ON r.run_id = e.run_id
WHERE r.window_to < %(before)s

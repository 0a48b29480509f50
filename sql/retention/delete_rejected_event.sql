DELETE FROM ailog_peak.rejected_event WHERE ctid = ANY(ARRAY(
    SELECT e.ctid
    FROM ailog_peak.rejected_event AS e
    INNER JOIN ailog_peak.analysis_runs AS r ON r.run_id = e.run_id
    WHERE r.window_to < %(before)s
    LIMIT %(batch)s
))

-- Records that could not be taken as they came, by source, reason and what was done with them.
SELECT e.source, e.reason, e.action, count(*)::integer AS records
FROM ailog_peak.rejected_event AS e
WHERE
    e.run_id IN (
        SELECT w.run_id FROM ailog_peak.analysis_run_windows AS w
        WHERE
            w.window_start >= %(since)s AND w.window_start < %(until)s
            AND (%(run_id)s::uuid IS NULL OR w.run_id = %(run_id)s::uuid)
    )
GROUP BY e.source, e.reason, e.action
ORDER BY count(*) DESC, e.source, e.reason, e.action

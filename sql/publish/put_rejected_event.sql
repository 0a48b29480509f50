INSERT INTO ailog_peak.rejected_event (run_id, source, ref, reason, action, detail)
SELECT DISTINCT ON (r.source, r.ref, r.reason) %(run_id)s, r.source, r.ref, r.reason, r.action, r.detail
FROM ailog_staging.rejected_event AS r
WHERE r.run_no = %(run_no)s
ORDER BY r.source, r.ref, r.reason, r.action, r.detail

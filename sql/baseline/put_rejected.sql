INSERT INTO ailog_peak.rejected_event (run_id, source, ref, reason, action, detail)
SELECT %(run_id)s, 'import', r.ref, r.reason, 'quarantined', r.detail
FROM unnest(%(refs)s::text[], %(reasons)s::text[], %(details)s::text[]) AS r (ref, reason, detail)
ON CONFLICT DO NOTHING

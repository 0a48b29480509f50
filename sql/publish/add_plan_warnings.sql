-- What the plan had to say comes before what the analysis has.
UPDATE ailog_peak.analysis_runs AS r SET warnings = p.warnings || r.warnings
FROM ailog_staging.run_plan AS p
WHERE p.run_no = %(run_no)s AND r.run_id = %(run_id)s AND cardinality(p.warnings) > 0

-- Whether what a planned run staged is gone with a crash of the server.
SELECT p.run_no
FROM ailog_staging.run_plan AS p
WHERE p.run_id = %(run_id)s AND NOT EXISTS (SELECT 1 FROM ailog_staging.staging_mark AS m WHERE m.run_no = p.run_no)

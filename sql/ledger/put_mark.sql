INSERT INTO ailog_staging.staging_mark (run_no) VALUES (%(run_no)s) ON CONFLICT (run_no) DO NOTHING

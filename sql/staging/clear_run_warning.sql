DELETE FROM ailog_staging.run_warning WHERE run_no = %(run_no)s

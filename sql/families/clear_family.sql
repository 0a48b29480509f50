DELETE FROM ailog_staging.family WHERE run_no = %(run_no)s

DELETE FROM ailog_staging.source_outcome WHERE run_no = %(run_no)s AND source = %(source)s

SELECT source, status, error, sampled FROM ailog_staging.source_outcome WHERE run_no = %(run_no)s

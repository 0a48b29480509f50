DELETE FROM ailog_staging.source_outcome WHERE run_no = $1 AND source = $2

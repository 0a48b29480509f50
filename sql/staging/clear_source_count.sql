DELETE FROM ailog_staging.source_count WHERE run_no = $1 AND source = $2

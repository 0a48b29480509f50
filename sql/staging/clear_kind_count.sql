DELETE FROM ailog_staging.kind_count WHERE run_no = $1

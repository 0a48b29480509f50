DELETE FROM ailog_staging.template WHERE run_no = $1

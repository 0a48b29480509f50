DELETE FROM ailog_staging.log_event WHERE run_no = $1 AND source = $2

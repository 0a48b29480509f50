DELETE FROM ailog_staging.rejected_event WHERE run_no = $1 AND source = $2

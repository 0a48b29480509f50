DELETE FROM ailog_staging.classified_event WHERE run_no = $1

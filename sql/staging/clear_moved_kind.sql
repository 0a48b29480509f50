DELETE FROM ailog_staging.moved_kind WHERE run_no = $1

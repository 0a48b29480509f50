DELETE FROM ailog_staging.namespace_count WHERE run_no = $1

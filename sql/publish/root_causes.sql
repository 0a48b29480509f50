SELECT window_start, namespace, problem_key, cause FROM ailog_staging.root_cause
WHERE run_no = %(run_no)s AND window_start = ANY(%(windows)s)
ORDER BY window_start, namespace, problem_key

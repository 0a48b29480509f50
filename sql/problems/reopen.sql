UPDATE ailog_peak.problems AS p SET status = %(status)s, fixed_in = NULL, resolved_at = NULL, resolved_by = NULL
WHERE p.problem_key = %(subject)s

UPDATE ailog_peak.problems AS p SET status = 'resolved', fixed_in = %(fixed_in)s, resolved_at = %(at)s, resolved_by = %(by)s
WHERE p.problem_key = %(subject)s

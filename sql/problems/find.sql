SELECT p.problem_id, p.problem_key, p.status, p.ticket, p.owner, p.notes, p.fixed_in, p.resolved_at
FROM ailog_peak.problems AS p
WHERE %(name)s IN (p.problem_id, p.problem_key)
FOR UPDATE

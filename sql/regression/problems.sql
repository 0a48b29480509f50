-- Problems of the run that a person declared fixed.
SELECT r.subject, p.problem_id, r.resolved_at, r.resolved_by, r.fixed_in, r.reopened_at
FROM ailog_peak.resolutions AS r
INNER JOIN ailog_peak.problems AS p ON p.problem_key = r.subject
WHERE r.kind = 'problem' AND r.subject = ANY(%(problems)s)
ORDER BY r.subject, r.resolved_at

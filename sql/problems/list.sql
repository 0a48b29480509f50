-- Problem records, newest first; people's columns, and what is known of how they come and go.
SELECT
    p.problem_id, p.problem_key, p.category, p.flow, p.error_class, p.status, p.first_seen, p.last_seen, p.namespaces, p.apps, p.ticket,
    p.owner, p.notes, p.fixed_in, p.resolved_at, p.resolved_by,
    (SELECT count(*)::integer FROM ailog_peak.incidents AS i WHERE i.problem_key = p.problem_key) AS incidents
FROM ailog_peak.problems AS p
WHERE
    (%(status)s::text IS NULL OR p.status = %(status)s)
    AND (%(name)s::text IS NULL OR %(name)s IN (p.problem_id, p.problem_key))
    AND (%(namespace)s::text IS NULL OR %(namespace)s = ANY(p.namespaces))
ORDER BY p.last_seen DESC, p.problem_key
LIMIT %(limit)s

-- The known issue that the newest incident of a problem was matched with.
SELECT DISTINCT ON (i.problem_key) i.problem_key, k.issue_id, k.ticket, k.status
FROM ailog_peak.incidents AS i
INNER JOIN ailog_peak.known_issues AS k ON k.issue_id = i.known_issue_id
ORDER BY i.problem_key, i.last_window DESC, i.namespace

-- Namespaces that did not categorise, and the limit of families, in the newest run that read their windows: from the last 7 days.
SELECT DISTINCT ON (w.kind, w.namespace)
    w.kind, w.namespace, w.kept, w.templates, w.at_least, w.events, r.window_from, r.window_to
FROM ailog_peak.run_warnings AS w
INNER JOIN ailog_peak.analysis_runs AS r ON r.run_id = w.run_id
WHERE
    r.status IN ('complete', 'partial')
    AND r.window_to > (SELECT max(n.window_to) FROM ailog_peak.analysis_runs AS n) - interval '7 days'
ORDER BY w.kind, w.namespace, r.window_to DESC, r.completed_at DESC

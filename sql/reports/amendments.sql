-- What reading windows again changed of incidents: by the run, or (without one) of the UTC days of the span.
SELECT
    a.incident_id, a.day, a.namespace, a.problem_key, a.window_from, a.window_to, a.change, a.late_events, a.events_before, a.events_after,
    a.severity_before, a.severity_after, a.score_before, a.score_after, a.words, count(*) OVER ()::integer AS amendment_total
FROM ailog_peak.incident_amendments AS a
WHERE
    (%(run_id)s::uuid IS NOT NULL AND a.run_id = %(run_id)s::uuid)
    OR (%(run_id)s::uuid IS NULL AND a.window_from < %(until)s AND a.window_to > %(since)s)
ORDER BY abs(coalesce(a.score_after, 0) - coalesce(a.score_before, 0)) DESC, abs(a.late_events) DESC, a.namespace, a.problem_key, a.window_from, a.run_id
LIMIT %(limit)s

INSERT INTO ailog_peak.series_days (day, namespace, subject, final, record, scores, state)
SELECT %(day)s, u.namespace, u.subject, %(final)s, u.record, u.scores, u.state
FROM unnest(
    %(namespaces)s::text[], %(subjects)s::text[], %(records)s::bytea[], %(scores)s::bytea[], %(states)s::bytea[]
) AS u (namespace, subject, record, scores, state)
ON CONFLICT (day, namespace, subject) DO UPDATE
SET final = excluded.final, record = excluded.record, scores = excluded.scores, state = excluded.state
WHERE excluded.final OR NOT series_days.final

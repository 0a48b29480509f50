-- Incidents that were going on over a span, by severity and status.
SELECT i.severity, i.status, count(*) AS incidents, count(DISTINCT i.namespace) AS namespaces, sum(i.event_count)::bigint AS events
FROM ailog_peak.incidents AS i
WHERE
    (%(since)s::timestamptz IS NULL OR i.last_window >= %(since)s)
    AND (%(until)s::timestamptz IS NULL OR i.opened_window < %(until)s)
GROUP BY i.severity, i.status
ORDER BY array_position(ARRAY['critical', 'high', 'medium', 'low', 'info'], i.severity), i.status

-- What each detector judged over a span, and how often it fired.
SELECT d.detector, count(*) AS judged, count(*) FILTER (WHERE d.fired) AS fired, count(DISTINCT d.namespace) FILTER (WHERE d.fired) AS namespaces
FROM ailog_peak.detection_events AS d
WHERE
    (%(since)s::timestamptz IS NULL OR d.window_start >= %(since)s)
    AND (%(until)s::timestamptz IS NULL OR d.window_start < %(until)s)
GROUP BY d.detector
ORDER BY d.detector ASC

-- Incidents of a span that no channel was told of, each counted by what hid it: people's word before the rules.
SELECT x.stage, count(*)::integer AS incidents
FROM (
    SELECT DISTINCT ON (d.incident_id) d.incident_id, d.stage
    FROM ailog_peak.notice_decisions AS d
    WHERE d.window_from < %(until)s AND d.window_to > %(since)s
    ORDER BY d.incident_id, d.told DESC, d.stage = 'silence' DESC, d.stage = 'maintenance' DESC, d.stage = 'acknowledged' DESC, d.window_to DESC
) AS x
WHERE NOT EXISTS (
    SELECT 1 FROM ailog_peak.notice_decisions AS t
    WHERE t.incident_id = x.incident_id AND t.told
)
GROUP BY x.stage
ORDER BY x.stage

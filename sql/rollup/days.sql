-- Days that are over and differ from their roll-up or have none: those with 96 complete windows, and others once nothing catches up any more.
SELECT l.date, l.windows, l.complete, l.digest, r.date IS NOT NULL AS rolled, r.complete_windows
FROM ailog_peak.ledger_days('-infinity', %(today)s) AS l
LEFT JOIN ailog_peak.daily_rollup_days AS r ON r.date = l.date
WHERE
    l.windows > 0 AND (r.date IS NULL OR r.ledger_digest <> l.digest AND r.refused_digest IS DISTINCT FROM l.digest)
    AND (l.complete = 96 OR l.date < (%(settled)s::timestamptz AT TIME ZONE 'UTC')::date)
ORDER BY l.date

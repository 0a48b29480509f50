SELECT e.fingerprint, e.environment, max(e.window_start) AS last_seen, sum(e.count)::bigint AS events
FROM ailog_peak.error_kind_counts AS e
WHERE
    e.fingerprint = ANY(%(fingerprints)s)
    AND e.window_start >= %(first)s::timestamptz - make_interval(days => %(days)s)
    AND e.window_start < %(first)s
GROUP BY e.fingerprint, e.environment
ORDER BY e.fingerprint, e.environment

INSERT INTO ailog_peak.daily_rollup_days (date, source, windows, complete_windows, error_count, kind_count, ledger_digest, rolled_at)
SELECT %(date)s::date, %(source)s, %(windows)s, %(complete)s, %(error_count)s, %(kind_count)s, l.digest, %(now)s
FROM ailog_peak.ledger_days(%(start)s, %(end)s) AS l
ON CONFLICT (date) DO UPDATE SET
    source = excluded.source, windows = excluded.windows, complete_windows = excluded.complete_windows, error_count = excluded.error_count,
    kind_count = excluded.kind_count, ledger_digest = excluded.ledger_digest, refused_digest = NULL, rolled_at = excluded.rolled_at

INSERT INTO ailog_peak.analysis_run_sources AS s (run_id, source, status, expected, fetched, rejected, repaired, staged)
VALUES (%(run_id)s, 'import', 'complete', %(stored)s, %(stored)s, 0, 0, %(stored)s)
ON CONFLICT (run_id, source) DO UPDATE SET expected = excluded.expected, fetched = excluded.fetched, staged = excluded.staged

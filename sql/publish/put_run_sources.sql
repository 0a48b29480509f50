INSERT INTO ailog_peak.analysis_run_sources (run_id, source, status, expected, fetched, rejected, repaired, staged, sampled, error)
SELECT %(run_id)s, s.source, coalesce(o.status, 'failed'), o.expected, o.fetched, o.rejected, o.repaired, o.staged,
    coalesce(o.sampled, false), coalesce(o.error, CASE WHEN o.source IS NULL THEN 'the fetch did not finish' END)
FROM unnest(%(sources)s::text[]) AS s (source)
LEFT JOIN ailog_staging.source_outcome AS o ON o.run_no = %(run_no)s AND o.source = s.source
ON CONFLICT (run_id, source) DO UPDATE SET
    status = excluded.status, expected = excluded.expected, fetched = excluded.fetched, rejected = excluded.rejected,
    repaired = excluded.repaired, staged = excluded.staged, sampled = excluded.sampled, error = excluded.error

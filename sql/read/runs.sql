-- Runs of the ledger that touch a span, newest windows first, each with its sources.
SELECT
    r.run_id::text AS run_id, r.kind, r.status, r.verdict, r.window_from, r.window_to, r.windows,
    r.expected, r.fetched, r.rejected, r.staged, r.stored, r.sampled, r.unknown_share, r.incidents, r.error,
    r.code_version, r.config_hash, r.snapshot_id::text AS snapshot_id, r.superseded_by::text AS superseded_by,
    r.triggered_by, r.started_at, r.completed_at, r.warnings,
    (
        SELECT coalesce(jsonb_agg(to_jsonb(s) - 'run_id' ORDER BY s.source), '[]')
        FROM ailog_peak.analysis_run_sources AS s
        WHERE s.run_id = r.run_id
    ) AS sources
FROM ailog_peak.analysis_runs AS r
WHERE
    (%(since)s::timestamptz IS NULL OR r.window_to > %(since)s)
    AND (%(until)s::timestamptz IS NULL OR r.window_from < %(until)s)
    AND (%(status)s::text IS NULL OR r.status = %(status)s)
ORDER BY r.window_from DESC, r.started_at DESC
LIMIT %(limit)s

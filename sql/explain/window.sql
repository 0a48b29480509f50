-- What is known of a namespace in a window: the word of the ledger, the run that it is of, the total; nulls where there is none.
SELECT
    w.status, w.run_id::text AS run_id, n.count, n.document_count, n.complete, n.estimated,
    r.kind AS run_kind, r.verdict AS run_verdict, r.sampled, r.completed_at AS read_at,
    (
        SELECT coalesce(jsonb_object_agg(s.source, coalesce(s.error, 'no reason was recorded')), '{}')
        FROM ailog_peak.analysis_run_sources AS s
        WHERE s.run_id = w.run_id AND s.status <> 'complete'
    ) AS dead_sources,
    (SELECT min(f.window_start) FROM ailog_peak.analysis_run_windows AS f) AS first_window,
    (SELECT max(f.window_start) FROM ailog_peak.analysis_run_windows AS f) AS last_window,
    EXISTS (
        SELECT 1 FROM ailog_peak.dropped_months AS m
        WHERE m.table_name = 'detection_events' AND m.month = date_trunc('month', asked.window_start AT TIME ZONE 'UTC')::date
    ) AS verdicts_dropped
FROM (SELECT %(window_start)s::timestamptz AS window_start) AS asked
LEFT JOIN ailog_peak.analysis_run_windows AS w ON w.window_start = asked.window_start
LEFT JOIN ailog_peak.analysis_runs AS r ON r.run_id = w.run_id
LEFT JOIN ailog_peak.namespace_error_counts AS n ON n.window_start = asked.window_start AND n.namespace = %(namespace)s

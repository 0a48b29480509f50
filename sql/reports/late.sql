-- What the runs that this one superseded had stored of exactly its windows: the difference came after their reading. Null: not comparable.
SELECT
    CASE WHEN sum(r.windows) = %(windows)s THEN sum(r.stored)::bigint END AS stored_before
FROM ailog_peak.analysis_runs AS r
WHERE
    r.superseded_by = %(run_id)s::uuid AND r.status = 'superseded'
    AND r.window_from >= %(since)s AND r.window_to <= %(until)s

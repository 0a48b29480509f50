CREATE TEMP TABLE trace_event ON COMMIT DROP AS
WITH chosen AS (
    SELECT DISTINCT trace_id FROM picked
)
SELECT e.trace_id, e.event_time, k.window_start, k.namespace, k.app, k.fingerprint, e.span_id, e.parent_span_id, t.problem_key, t.wrapper
FROM ailog_staging.classified_event AS e
INNER JOIN chosen AS c ON c.trace_id = e.trace_id
INNER JOIN ailog_staging.kind_count AS k ON k.run_no = e.run_no AND k.kind_no = e.kind_no
INNER JOIN ailog_staging.template AS t
    ON t.run_no = k.run_no AND t.fingerprint = k.fingerprint AND t.namespace = k.namespace AND t.app = k.app
WHERE e.run_no = %(run_no)s

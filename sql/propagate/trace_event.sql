CREATE TEMP TABLE trace_event ON COMMIT DROP AS
SELECT e.trace_id, e.event_time, e.window_start, e.namespace, e.app, e.fingerprint, e.span_id, e.parent_span_id, t.problem_key, t.wrapper
FROM ailog_staging.classified_event AS e
INNER JOIN ailog_staging.template AS t
    ON t.run_no = e.run_no AND t.fingerprint = e.fingerprint AND t.namespace = e.namespace AND t.app = e.app
WHERE e.run_no = %(run_no)s AND e.trace_id IN (SELECT p.trace_id FROM picked AS p)

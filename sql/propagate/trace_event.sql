CREATE TEMP TABLE trace_event ON COMMIT DROP AS
WITH chosen AS (
    SELECT DISTINCT trace_no, trace_id FROM picked
)
SELECT c.trace_no, k.kind_no, k.rank, k.app_no, k.wrapper, e.event_time, e.span_id, e.parent_span_id
FROM ailog_staging.classified_event AS e
INNER JOIN chosen AS c ON c.trace_id = e.trace_id
INNER JOIN kind AS k ON k.kind_no = e.kind_no
WHERE e.run_no = %(run_no)s

-- Every error of the picked traces, whichever problem it is of.
CREATE TEMP TABLE trace_event ON COMMIT DROP AS
SELECT c.trace_no, k.kind_no, k.rank, k.app_no, k.wrapper, e.event_time, e.span_id, e.parent_span_id
FROM ailog_staging.classified_event AS e
INNER JOIN chosen AS c ON c.hash = hashtextextended(e.trace_id, 0)
INNER JOIN kind AS k ON k.kind_no = e.kind_no
WHERE e.run_no = %(run_no)s

-- The first error of each service in a trace, in order; "by_span" when the service called the one before it, so that no clock is needed.
CREATE TEMP TABLE first_error ON COMMIT DROP AS
WITH
earliest AS (
    SELECT DISTINCT ON (trace_no, app_no) trace_no, app_no, kind_no, event_time, span_id, parent_span_id
    FROM trace_event
    ORDER BY trace_no, app_no, event_time, rank
)
SELECT
    trace_no, app_no, kind_no, event_time, span_id,
    row_number() OVER trace AS place,
    count(*) OVER (PARTITION BY trace_no) AS services,
    lag(kind_no) OVER trace AS previous_kind,
    extract(epoch FROM event_time - lag(event_time) OVER trace) * 1000.0 AS gap_ms,
    coalesce(lag(parent_span_id) OVER trace = span_id, false) AS by_span
FROM earliest
WINDOW trace AS (PARTITION BY trace_no ORDER BY event_time, app_no)

-- The first error of each service in a trace, in order; "by_span" when the service called the one before it, so that no clock is needed.
CREATE TEMP TABLE first_error ON COMMIT DROP AS
WITH
earliest AS (
    SELECT DISTINCT ON (trace_id, app)
        trace_id, app, namespace, event_time, window_start, span_id, parent_span_id, fingerprint, problem_key
    FROM trace_event
    ORDER BY trace_id, app, event_time, fingerprint, namespace
)
SELECT
    trace_id, app, namespace, event_time, window_start, span_id, fingerprint, problem_key,
    row_number() OVER trace AS place,
    count(*) OVER (PARTITION BY trace_id) AS services,
    lag(app) OVER trace AS previous_app,
    extract(epoch FROM event_time - lag(event_time) OVER trace) * 1000.0 AS gap_ms,
    coalesce(lag(parent_span_id) OVER trace = span_id, false) AS by_span
FROM earliest
WINDOW trace AS (PARTITION BY trace_id ORDER BY event_time, app)

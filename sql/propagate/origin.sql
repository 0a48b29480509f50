-- Where a trace's errors began: its earliest error that does not merely wrap another. Ordered when the next service follows by more than
-- clocks may differ, or by its own call, or when there is no other.
CREATE TEMP TABLE origin ON COMMIT DROP AS
WITH
chosen AS (
    SELECT DISTINCT ON (trace_id) trace_id, app, namespace, fingerprint, problem_key, event_time, wrapper
    FROM trace_event
    ORDER BY trace_id, wrapper, event_time, app, fingerprint, namespace
)
SELECT
    c.trace_id, c.app, c.namespace, c.fingerprint, c.problem_key, c.wrapper,
    coalesce(max(f.services), 1) AS services,
    coalesce(bool_and(
        f.app = c.app OR f.by_span OR f.event_time > c.event_time + make_interval(secs => %(skew_ms)s / 1000.0)
    ), true) AS ordered
FROM chosen AS c
LEFT JOIN first_error AS f ON f.trace_id = c.trace_id
GROUP BY c.trace_id, c.app, c.namespace, c.fingerprint, c.problem_key, c.wrapper

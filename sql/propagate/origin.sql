-- Where a trace's errors began: its earliest error that does not merely wrap another. Ordered when the next service follows by more than
-- clocks may differ, or by its own call, or when there is no other.
CREATE TEMP TABLE origin ON COMMIT DROP AS
WITH
beginning AS (
    SELECT DISTINCT ON (trace_no) trace_no, app_no, kind_no, rank, event_time
    FROM trace_event
    ORDER BY trace_no, wrapper, event_time, rank
)
SELECT
    b.trace_no, b.app_no, b.kind_no, b.rank,
    max(f.services) AS services,
    bool_and(f.app_no = b.app_no OR f.by_span OR f.event_time > b.event_time + make_interval(secs => %(skew_ms)s / 1000.0)) AS ordered
FROM beginning AS b
INNER JOIN first_error AS f ON f.trace_no = b.trace_no
GROUP BY b.trace_no, b.app_no, b.kind_no, b.rank

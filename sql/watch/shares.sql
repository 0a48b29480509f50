-- Shares of events without a category, and past the kinds that are kept apart: in the last hour, and in the week before it.
WITH one AS (
    SELECT
        r.completed_at > %(now)s::timestamptz - interval '1 hour' AS recent,
        r.stored,
        r.stored * r.unknown_share AS unknown,
        (SELECT sum(w.events) FROM ailog_peak.run_warnings AS w WHERE w.run_id = r.run_id AND w.kind = 'overflow') AS overflow
    FROM ailog_peak.analysis_runs AS r
    WHERE
        r.kind = 'regular' AND r.stored > 0
        AND r.completed_at > %(now)s::timestamptz - interval '7 days' AND r.completed_at <= %(now)s
)

SELECT
    coalesce(sum(o.stored) FILTER (WHERE o.recent), 0)::bigint AS events,
    coalesce(sum(o.stored) FILTER (WHERE NOT o.recent), 0)::bigint AS events_before,
    sum(o.unknown) FILTER (WHERE o.recent) / nullif(sum(o.stored) FILTER (WHERE o.recent), 0) AS unknown,
    sum(o.unknown) FILTER (WHERE NOT o.recent) / nullif(sum(o.stored) FILTER (WHERE NOT o.recent), 0) AS unknown_before,
    sum(o.overflow) FILTER (WHERE o.recent) / nullif(sum(o.stored) FILTER (WHERE o.recent), 0) AS overflow,
    sum(o.overflow) FILTER (WHERE NOT o.recent) / nullif(sum(o.stored) FILTER (WHERE NOT o.recent), 0) AS overflow_before
FROM one AS o

-- Errors of a day by namespace, with those of the day before and of the same weekday a week ago, and how many complete windows each has.
SELECT
    n.namespace,
    coalesce(sum(n.count) FILTER (WHERE n.window_start >= %(start)s), 0)::bigint AS errors,
    count(*) FILTER (WHERE n.window_start >= %(start)s AND n.complete)::integer AS windows,
    coalesce(bool_or(n.estimated) FILTER (WHERE n.window_start >= %(start)s), false) AS estimated,
    coalesce(max(n.count) FILTER (WHERE n.window_start >= %(start)s), 0)::bigint AS largest,
    (array_agg(n.window_start ORDER BY n.count DESC, n.window_start) FILTER (WHERE n.window_start >= %(start)s))[1] AS largest_window,
    coalesce(sum(n.count) FILTER (WHERE n.complete AND n.window_start >= %(start)s), 0)::bigint AS complete_errors,
    coalesce(sum(n.count) FILTER (
        WHERE n.complete AND n.window_start >= %(start)s::timestamptz - interval '1 day' AND n.window_start < %(start)s
    ), 0)::bigint AS yesterday,
    count(*) FILTER (
        WHERE n.complete AND n.window_start >= %(start)s::timestamptz - interval '1 day' AND n.window_start < %(start)s
    )::integer AS yesterday_windows,
    coalesce(sum(n.count) FILTER (WHERE n.complete AND n.window_start < %(end)s::timestamptz - interval '7 days'), 0)::bigint AS last_week,
    count(*) FILTER (WHERE n.complete AND n.window_start < %(end)s::timestamptz - interval '7 days')::integer AS last_week_windows
FROM ailog_peak.namespace_error_counts AS n
WHERE
    (n.window_start >= %(start)s::timestamptz - interval '1 day' AND n.window_start < %(end)s)
    OR (
        n.window_start >= %(start)s::timestamptz - interval '7 days'
        AND n.window_start < %(end)s::timestamptz - interval '7 days'
    )
GROUP BY n.namespace
ORDER BY errors DESC, n.namespace

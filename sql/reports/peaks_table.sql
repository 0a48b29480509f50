-- Every problem that ever peaked in a complete window and did so within 30 days of the newest peak (since a moment,
-- where one is given). Days and weekdays are local.
WITH peak AS (
    SELECT
        p.*,
        (p.window_start AT TIME ZONE %(timezone)s::text)::date AS local_day,
        extract(isodow FROM p.window_start AT TIME ZONE %(timezone)s::text)::integer AS local_weekday
    FROM ailog_peak.peak_investigation AS p
    INNER JOIN ailog_peak.analysis_run_windows AS w ON w.window_start = p.window_start AND w.status = 'complete'
    WHERE p.window_start < %(as_of)s AND (%(since)s::timestamptz IS NULL OR p.window_start >= %(since)s::timestamptz)
),

problem AS (
    SELECT
        k.problem_key,
        min(k.first_event) AS first_seen,
        max(k.last_event) AS last_seen,
        max(k.window_start) AS last_window,
        min(k.window_start) AS first_window,
        sum(k.original_value)::bigint AS total,
        count(DISTINCT k.window_start)::integer AS occurrences,
        coalesce(sum(k.original_value) FILTER (WHERE k.window_start >= %(as_of)s::timestamptz - interval '7 days'), 0)::bigint AS recent_7d,
        coalesce(sum(k.original_value) FILTER (
            WHERE k.window_start < %(as_of)s::timestamptz - interval '7 days'
            AND k.window_start >= %(as_of)s::timestamptz - interval '14 days'
        ), 0)::bigint AS before_7d,
        count(DISTINCT k.local_day)::integer AS days,
        (max(k.local_day) - min(k.local_day) + 1)::integer AS span_days,
        count(DISTINCT k.local_weekday)::integer AS weekdays,
        (array_agg(k.root_cause ORDER BY k.window_start DESC, k.score DESC, k.namespace))[1] AS root_cause
    FROM peak AS k
    GROUP BY k.problem_key
),

spaces AS (
    SELECT x.problem_key, jsonb_object_agg(x.namespace, x.total) AS namespaces
    FROM (SELECT k.problem_key, k.namespace, sum(k.original_value)::bigint AS total FROM peak AS k GROUP BY k.problem_key, k.namespace) AS x
    GROUP BY x.problem_key
),

services AS (
    SELECT x.problem_key, jsonb_object_agg(x.app, x.total) AS apps
    FROM (
        SELECT k.problem_key, a.key AS app, sum(a.value::numeric)::bigint AS total
        FROM peak AS k
        CROSS JOIN LATERAL jsonb_each_text(k.apps) AS a
        GROUP BY k.problem_key, a.key
    ) AS x
    GROUP BY x.problem_key
)

SELECT p.*, spaces.namespaces, services.apps, q.problem_id, known.peak_id, q.status
FROM problem AS p
INNER JOIN spaces ON spaces.problem_key = p.problem_key
LEFT JOIN services ON services.problem_key = p.problem_key
LEFT JOIN ailog_peak.problems AS q ON q.problem_key = p.problem_key
LEFT JOIN LATERAL (
    SELECT k.peak_id
    FROM ailog_peak.known_peaks AS k
    WHERE k.category = split_part(p.problem_key, ':', 1) AND k.flow = split_part(p.problem_key, ':', 2) AND k.problems ? p.problem_key
    ORDER BY k.peak_type DESC
    LIMIT 1
) AS known ON true
WHERE p.last_window >= (SELECT max(x.last_window) FROM problem AS x) - interval '30 days'
ORDER BY p.last_window DESC, p.total DESC, p.problem_key
LIMIT %(limit)s

-- Over a span: events, kinds of errors, and the share of events of unknown category (null without events).
SELECT
    coalesce(sum(k.count), 0)::bigint AS count,
    count(DISTINCT k.fingerprint) AS fingerprints,
    count(DISTINCT k.problem_key) AS problems,
    count(DISTINCT k.namespace) AS namespaces,
    sum(k.count) FILTER (WHERE k.category = 'unknown') / nullif(sum(k.count), 0)::double precision AS unknown_share
FROM ailog_peak.error_kind_counts AS k
WHERE
    (%(since)s::timestamptz IS NULL OR k.window_start >= %(since)s)
    AND (%(until)s::timestamptz IS NULL OR k.window_start < %(until)s)

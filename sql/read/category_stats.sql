-- Events and kinds of errors of each category over a span.
SELECT
    k.category,
    k.subcategory,
    sum(k.count)::bigint AS count,
    count(DISTINCT k.fingerprint) AS fingerprints,
    count(DISTINCT k.namespace) AS namespaces
FROM ailog_peak.error_kind_counts AS k
WHERE
    (%(since)s::timestamptz IS NULL OR k.window_start >= %(since)s)
    AND (%(until)s::timestamptz IS NULL OR k.window_start < %(until)s)
GROUP BY k.category, k.subcategory
ORDER BY sum(k.count) DESC, k.category ASC, k.subcategory ASC

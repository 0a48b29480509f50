-- The messages of the fingerprints of an old version: the specimen of each (main), and some further samples of its facts.
SELECT
    s.fingerprint, s.specimen ->> 'error_type', coalesce(s.specimen ->> 'message', s.sample), s.specimen ->> 'stack_trace',
    s.sample, s.specimen::text, s.first_seen, s.last_seen, true AS main
FROM ailog_peak.error_signatures AS s
WHERE s.algorithm_version = %(old)s AND s.template <> %(overflow)s
UNION ALL
SELECT
    f.fingerprint, CASE WHEN f.metadata_quality = 'structured' THEN f.error_type END, f.sample, NULL,
    f.sample, NULL, f.first_event, f.last_event, false AS main
FROM (
    SELECT
        d.fingerprint, d.metadata_quality, d.error_type, d.sample, d.first_event, d.last_event,
        row_number() OVER (PARTITION BY d.fingerprint ORDER BY md5(d.sample), d.sample) AS place
    FROM (
        SELECT k.fingerprint, k.metadata_quality, k.error_type, k.sample, min(k.first_event) AS first_event, max(k.last_event) AS last_event
        FROM ailog_peak.error_kind_counts AS k
        INNER JOIN ailog_peak.error_signatures AS s ON s.fingerprint = k.fingerprint
        WHERE
            s.algorithm_version = %(old)s AND s.template <> %(overflow)s
            -- A sample is the message alone: where a trace is part of the identity, only the specimen tells it.
            AND coalesce(s.specimen ->> 'stack_trace', '') = ''
        GROUP BY k.fingerprint, k.metadata_quality, k.error_type, k.sample
    ) AS d
) AS f
WHERE f.place <= %(samples)s
ORDER BY main DESC, 1, 5

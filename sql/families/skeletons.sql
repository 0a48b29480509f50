-- The templates that level 2 decides on: of one version of the algorithm, those first seen before a moment, in the order in which they came.
SELECT s.fingerprint, s.error_type, s.template
FROM ailog_peak.error_signatures AS s
WHERE
    s.algorithm_version = %(version)s
    AND s.template <> '<overflow>'
    AND (%(before)s::timestamptz IS NULL OR s.first_seen < %(before)s)
ORDER BY s.first_seen, s.fingerprint
LIMIT %(limit)s

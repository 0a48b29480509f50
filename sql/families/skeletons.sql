-- The templates that level 2 decides on: of one version of the algorithm, those first seen before a moment. In the order in which they came
-- up to the start of a span, and then by fingerprint, so that what is read again chooses alike.
SELECT s.fingerprint, s.error_type, s.template, (%(start)s::timestamptz IS NULL OR s.first_seen < %(start)s) AS earlier
FROM ailog_peak.error_signatures AS s
WHERE
    s.algorithm_version = %(version)s
    AND s.template <> '<overflow>'
    AND (%(before)s::timestamptz IS NULL OR s.first_seen < %(before)s)
ORDER BY least(s.first_seen, %(start)s::timestamptz), s.fingerprint
LIMIT %(limit)s

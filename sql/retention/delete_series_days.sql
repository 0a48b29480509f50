-- Remembered days that no norm looks back on, with the norms of those days.
WITH
gone AS (
    SELECT d.day, d.namespace, d.subject FROM ailog_peak.series_days AS d
    WHERE d.day < %(before)s::date
    ORDER BY d.day
    LIMIT %(batch)s
),
norms AS (
    DELETE FROM ailog_peak.series_norms AS n WHERE n.day < %(before)s::date RETURNING n.day
)
DELETE FROM ailog_peak.series_days AS d
USING gone AS g
WHERE d.day = g.day AND d.namespace = g.namespace AND d.subject = g.subject AND (SELECT count(*) FROM norms) >= 0

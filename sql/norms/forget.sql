-- Norms that no run asks for any more, and days that are too old to be remembered.
WITH gone AS (
    DELETE FROM ailog_peak.series_norms AS n WHERE n.day < %(norms_before)s
)
DELETE FROM ailog_peak.series_days AS d WHERE d.day < %(days_before)s

SELECT
    (SELECT coalesce(sum(r.error_count), 0)::bigint FROM ailog_peak.daily_namespace_rollups AS r WHERE r.date = %(date)s) AS error_count,
    (SELECT coalesce(sum(r.error_count), 0)::bigint FROM ailog_peak.daily_error_kind_rollups AS r WHERE r.date = %(date)s) AS kind_count

SELECT DISTINCT s.algorithm_version
FROM ailog_peak.error_signatures AS s
WHERE
    s.algorithm_version <> %(version)s AND s.template <> %(overflow)s
    AND NOT EXISTS (
        SELECT 1 FROM ailog_peak.fingerprint_versions AS v WHERE v.old_fingerprint = s.fingerprint AND v.new_version = %(version)s
    )
ORDER BY s.algorithm_version

SELECT s.fingerprint, s.template FROM ailog_peak.error_signatures AS s WHERE s.template <> '<overflow>' ORDER BY s.fingerprint

SELECT count(*) FROM ailog_peak.error_signatures

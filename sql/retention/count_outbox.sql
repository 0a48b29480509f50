SELECT count(*)::bigint FROM ailog_peak.outbox WHERE status IN ('sent', 'failed') AND finished_at < %(before)s

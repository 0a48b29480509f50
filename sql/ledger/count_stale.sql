SELECT count(*)::bigint FROM ailog_peak.analysis_runs AS r WHERE r.status = 'running' AND r.started_at < %(before)s

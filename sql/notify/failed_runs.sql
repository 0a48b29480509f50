SELECT count(*)::integer AS failed
FROM ailog_peak.analysis_runs AS r
WHERE r.status = 'failed' AND r.window_from < %(until)s AND r.window_to > %(since)s

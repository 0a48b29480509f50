INSERT INTO ailog_peak.run_reports (run_id, format, path, sha256, bytes)
VALUES (%(run_id)s, %(format)s, %(path)s, %(sha256)s, %(bytes)s)
ON CONFLICT (run_id, format) DO UPDATE SET path = excluded.path, sha256 = excluded.sha256, bytes = excluded.bytes

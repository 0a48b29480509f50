SELECT k.window_start, k.namespace, k.app, k.fingerprint, k.sample
FROM ailog_staging.kind_count AS k
WHERE k.run_no = %(run_no)s AND k.fingerprint = ANY(%(fingerprints)s)
ORDER BY k.window_start, k.namespace, k.app, k.fingerprint

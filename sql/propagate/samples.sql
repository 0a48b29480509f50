SELECT k.namespace, k.app, k.fingerprint, min(k.sample) AS sample
FROM ailog_staging.kind_count AS k
WHERE k.run_no = %(run_no)s AND k.fingerprint = ANY(%(fingerprints)s)
GROUP BY k.namespace, k.app, k.fingerprint

-- Everything that was judged of a namespace in a window, what fired first.
SELECT
    d.detector, d.subject, d.problem_key, d.fingerprint, d.value, d.baseline, d.threshold, d.fired, d.stage, d.reason,
    d.snapshot_id::text AS snapshot_id, d.run_id::text AS run_id, d.evidence
FROM ailog_peak.detection_events AS d
WHERE d.window_start = %(window_start)s AND d.namespace = %(namespace)s
ORDER BY d.fired DESC, d.detector ASC, d.value DESC, d.subject ASC

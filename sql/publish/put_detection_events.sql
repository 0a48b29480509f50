INSERT INTO ailog_peak.detection_events (
    window_start, namespace, detector, subject, run_id, problem_key, fingerprint, value, baseline, threshold, fired, stage, reason,
    snapshot_id, evidence
)
SELECT
    d.window_start, d.namespace, d.detector, d.subject, %(run_id)s, d.problem_key, d.fingerprint, d.value, d.baseline, d.threshold, d.fired,
    d.stage, d.reason, d.snapshot_id, d.evidence
FROM ailog_staging.detection AS d
WHERE d.run_no = %(run_no)s AND d.window_start = ANY(%(windows)s)

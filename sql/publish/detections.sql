-- The verdicts that fired: the others open nothing.
SELECT window_start, namespace, detector, subject, problem_key, fingerprint, value, baseline, threshold, fired, stage, reason,
    snapshot_id::text AS snapshot_id, evidence
FROM ailog_staging.detection
WHERE run_no = %(run_no)s AND window_start = ANY(%(windows)s) AND fired
ORDER BY window_start, namespace, detector, subject

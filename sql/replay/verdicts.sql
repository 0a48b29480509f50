-- Verdicts on what the facts do not hold: seconds within a window, and traces.
SELECT d.window_start, d.namespace, d.detector, d.subject, d.problem_key, d.fingerprint, d.value, d.baseline, d.threshold, d.fired, d.stage,
    d.reason, d.snapshot_id::text AS snapshot_id, d.evidence
FROM ailog_peak.detection_events AS d
WHERE
    d.window_start >= %(start)s AND d.window_start < %(end)s
    AND (d.detector IN ('burst', 'escalating') OR (d.detector = 'cascade' AND d.fired))
ORDER BY d.window_start, d.namespace, d.detector, d.subject

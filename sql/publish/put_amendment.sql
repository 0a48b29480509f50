INSERT INTO ailog_peak.incident_amendments (
    incident_id, run_id, day, namespace, problem_key, window_from, window_to, change, late_events, events_before, events_after,
    windows_before, windows_after, severity_before, severity_after, score_before, score_after, flags_before, flags_gained, flags_lost, words
) VALUES (
    %(incident_id)s, %(run_id)s, %(day)s, %(namespace)s, %(problem_key)s, %(window_from)s, %(window_to)s, %(change)s, %(late_events)s,
    %(events_before)s, %(events_after)s, %(windows_before)s, %(windows_after)s, %(severity_before)s, %(severity_after)s, %(score_before)s,
    %(score_after)s, %(flags_before)s, %(flags_gained)s, %(flags_lost)s, %(words)s
)

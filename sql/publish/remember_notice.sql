UPDATE ailog_peak.incidents SET
    notified_window = %(notified_window)s, notified_severity = %(notified_severity)s, notified_count = %(notified_count)s,
    notified_apps = %(notified_apps)s
WHERE incident_id = %(incident_id)s

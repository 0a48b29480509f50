SELECT k.issue_id, k.title, k.ticket, k.workaround FROM ailog_peak.known_issues AS k WHERE k.issue_id = ANY(%(issues)s)

UPDATE ailog_peak.day_summaries AS s SET
    revision = %(revision)s, run_id = %(run_id)s, complete = %(complete)s, material = %(material)s, told_at = %(now)s
WHERE s.day = %(day)s

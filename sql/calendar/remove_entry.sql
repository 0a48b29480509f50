UPDATE ailog_peak.calendar_entries SET removed_at = %(now)s, removed_by = %(actor)s
WHERE entry_id = %(entry_id)s AND removed_at IS NULL

SELECT c.removed_at IS NULL AS counts FROM ailog_peak.calendar_entries AS c WHERE c.entry_id = %(entry_id)s

SELECT p.page_key, p.kind, p.title, p.status, p.as_of, p.attempts, p.last_error, p.written_at, p.written_version, p.page_id, p.next_attempt
FROM ailog_peak.wanted_pages AS p
ORDER BY p.kind = 'day', p.as_of DESC, p.page_key
LIMIT %(limit)s

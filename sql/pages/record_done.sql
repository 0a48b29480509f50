UPDATE ailog_peak.wanted_pages
SET status = 'written', attempts = 0, last_error = NULL
WHERE page_key = %(page_key)s AND content_hash = %(content_hash)s

-- Only the taker that still holds the page puts it back.
UPDATE ailog_peak.wanted_pages
SET status = %(status)s, next_attempt = %(next_attempt)s, last_error = %(detail)s
WHERE page_key = %(page_key)s AND status = 'writing' AND attempts = %(attempt)s

SELECT p.page_key, p.title, p.status, p.wanted_at, p.last_error
FROM ailog_peak.wanted_pages AS p
WHERE p.status <> 'written' AND p.attempts > 0
ORDER BY p.wanted_at, p.page_key

SELECT f.name, f.media_type, f.sha256, f.content
FROM ailog_peak.wanted_page_files AS f
WHERE f.page_key = %(page_key)s AND f.content IS NOT NULL
ORDER BY f.name

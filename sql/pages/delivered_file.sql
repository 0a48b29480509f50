UPDATE ailog_peak.wanted_page_files
SET content = NULL
WHERE page_key = %(page_key)s AND name = %(name)s AND sha256 = %(sha256)s

DELETE FROM ailog_peak.wanted_page_files WHERE page_key = %(page_key)s AND name <> ALL(%(names)s::text [])

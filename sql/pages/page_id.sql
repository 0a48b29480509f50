SELECT p.page_id FROM ailog_peak.wanted_pages AS p WHERE p.page_key = %(page_key)s

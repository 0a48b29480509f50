UPDATE ailog_peak.wanted_pages SET page_id = %(page_id)s WHERE page_key = %(page_key)s AND page_id IS DISTINCT FROM %(page_id)s

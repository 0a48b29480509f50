DELETE FROM ailog_peak.notice_decisions WHERE ctid = ANY(ARRAY(
    SELECT d.ctid FROM ailog_peak.notice_decisions AS d WHERE d.window_to < %(before)s LIMIT %(batch)s
))

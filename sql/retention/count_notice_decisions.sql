SELECT count(*)::bigint FROM ailog_peak.notice_decisions WHERE window_to < %(before)s

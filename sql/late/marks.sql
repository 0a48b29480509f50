SELECT m.source, m.mark FROM ailog_peak.source_marks AS m ORDER BY m.source

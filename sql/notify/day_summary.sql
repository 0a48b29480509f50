SELECT s.revision, s.complete, s.material, s.told_at FROM ailog_peak.day_summaries AS s WHERE s.day = %(day)s FOR UPDATE

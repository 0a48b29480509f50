INSERT INTO ailog_peak.source_marks (source, mark) VALUES (%(source)s, %(mark)s)
ON CONFLICT (source) DO UPDATE SET mark = excluded.mark

INSERT INTO ailog_peak.watch_beat AS b (watched_at) VALUES (%(now)s)
ON CONFLICT (only_one) DO UPDATE SET watched_at = greatest(b.watched_at, excluded.watched_at)

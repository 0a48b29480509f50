INSERT INTO ailog_peak.day_summaries (day, revision, run_id, complete, material, told_at)
VALUES (%(day)s, 0, NULL, false, '{}', %(now)s)
ON CONFLICT (day) DO NOTHING

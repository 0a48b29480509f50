INSERT INTO ailog_staging.source_outcome (run_no, source, status, expected, fetched, rejected, repaired, staged, sampled, error)
VALUES (%(run_no)s, %(source)s, %(status)s, %(expected)s, %(fetched)s, %(rejected)s, %(repaired)s, %(staged)s, %(sampled)s, %(error)s)

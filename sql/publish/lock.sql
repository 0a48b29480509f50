SELECT pg_advisory_xact_lock(hashtextextended('ailog.publish', 0))

SELECT pg_advisory_xact_lock(hashtextextended('ailog.watch', 0))

SELECT count(*)::bigint FROM ailog_peak.forgettable_signatures(%(before)s, %(facts_from)s)

SELECT ailog_peak.forget_signatures(%(before)s)

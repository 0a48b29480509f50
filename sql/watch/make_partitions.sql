-- The partitions of this month and the next, ahead of the first row that needs them.
SELECT ailog_peak.ensure_partitions(%(now)s, %(now)s::timestamptz + interval '31 days')

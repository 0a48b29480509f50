-- What was counted of each problem in windows that are read again, until the end of the transaction.
CREATE TEMP TABLE counted_before ON COMMIT DROP AS
SELECT e.window_start, e.namespace, e.problem_key, sum(e.count)::bigint AS count
FROM ailog_peak.error_kind_counts AS e
WHERE e.window_start = ANY(%(reread)s)
GROUP BY e.window_start, e.namespace, e.problem_key

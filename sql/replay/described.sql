-- Versions and samples of some kinds, of all where no problems are named.
SELECT e.window_start, e.namespace, e.app, e.fingerprint, e.versions, e.sample
FROM ailog_peak.error_kind_counts AS e
WHERE
    e.window_start >= %(start)s AND e.window_start < %(end)s
    AND (%(problems)s::text[] IS NULL OR e.problem_key = ANY(%(problems)s::text[]))

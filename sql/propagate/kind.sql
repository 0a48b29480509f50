-- The run's kinds by number, with all that tells them apart: "rank" orders them by application, fingerprint and namespace and is the same in
-- every window; "app_no" orders applications; "number" is one for all kinds of a problem in a window of a namespace. What follows compares
-- numbers alone: of a terrible day it sorts a million events.
CREATE TEMP TABLE kind ON COMMIT DROP AS
SELECT
    k.kind_no, k.window_start, k.namespace, k.app, k.fingerprint, k.count, t.problem_key, t.wrapper,
    dense_rank() OVER (ORDER BY k.app, k.fingerprint, k.namespace)::int AS rank,
    dense_rank() OVER (ORDER BY k.app)::int AS app_no,
    min(k.kind_no) OVER (PARTITION BY k.window_start, k.namespace, t.problem_key) AS number
FROM ailog_staging.kind_count AS k
INNER JOIN ailog_staging.template AS t
    ON t.run_no = k.run_no AND t.fingerprint = k.fingerprint AND t.namespace = k.namespace AND t.app = k.app
WHERE k.run_no = %(run_no)s

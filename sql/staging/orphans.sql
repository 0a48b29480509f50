-- Plans whose staged rows count: what other numbers have staged belongs to nobody.
SELECT coalesce(array_agg(p.run_no), '{}') AS run_nos FROM ailog_staging.run_plan AS p

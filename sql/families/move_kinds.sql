-- Events of a kind that a later batch pushed past the bound belong to the kind that took them.
UPDATE ailog_staging.classified_event AS e SET kind_no = m.instead
FROM ailog_staging.moved_kind AS m
WHERE e.run_no = $1 AND m.run_no = $1 AND m.kind_no = e.kind_no

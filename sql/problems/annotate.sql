UPDATE ailog_peak.problems AS p SET
    ticket = nullif(coalesce(%(ticket)s, p.ticket), ''), owner = nullif(coalesce(%(owner)s, p.owner), ''), notes = nullif(coalesce(%(notes)s, p.notes), ''),
    status = coalesce(%(status)s, p.status)
WHERE p.problem_key = %(subject)s

-- Takes one page that is due, parents first; next_attempt becomes the end of the taker's lease, after which a silent taker counts as dead.
WITH due AS (
    SELECT w.page_key
    FROM ailog_peak.wanted_pages AS w
    WHERE
        w.status <> 'written'
        AND (w.next_attempt <= %(now)s OR (%(forced)s AND w.status <> 'writing'))
        AND w.page_key <> ALL(%(seen)s::text [])
        AND (%(kinds)s::text [] IS NULL OR w.kind = ANY(%(kinds)s::text []))
    ORDER BY w.kind = 'day', w.as_of, w.page_key
    LIMIT 1
    FOR UPDATE SKIP LOCKED
)

UPDATE ailog_peak.wanted_pages AS p
SET status = 'writing', attempts = p.attempts + 1, next_attempt = %(lease_until)s
FROM due
WHERE p.page_key = due.page_key
RETURNING
    p.page_key, p.kind, p.as_of, p.title, p.region, p.region_hash, p.content_hash, p.wanted_at, p.attempts, p.page_id, p.written_hash,
    p.seen_hash, p.written_as_of

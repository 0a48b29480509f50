-- Wants a page. Content that is newer or of the same moment replaces what was wanted before; the same content asks for nothing.
INSERT INTO ailog_peak.wanted_pages AS p
    (page_key, kind, run_id, as_of, title, region, region_hash, content_hash, wanted_at, next_attempt)
VALUES (
    %(page_key)s, %(kind)s, %(run_id)s, %(as_of)s, %(title)s, %(region)s, %(region_hash)s, %(content_hash)s, %(now)s, %(now)s
)
ON CONFLICT (page_key) DO UPDATE SET
    run_id = excluded.run_id,
    as_of = excluded.as_of,
    title = excluded.title,
    region = excluded.region,
    region_hash = excluded.region_hash,
    content_hash = excluded.content_hash,
    wanted_at = excluded.wanted_at,
    status = CASE WHEN p.content_hash = excluded.content_hash THEN p.status ELSE 'waiting' END,
    attempts = CASE WHEN p.content_hash = excluded.content_hash THEN p.attempts ELSE 0 END,
    next_attempt = CASE WHEN p.content_hash = excluded.content_hash THEN p.next_attempt ELSE excluded.next_attempt END
WHERE p.as_of <= excluded.as_of
RETURNING status

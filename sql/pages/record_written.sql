-- What was written is on record whatever is wanted meanwhile; only what is still wanted counts as done.
UPDATE ailog_peak.wanted_pages AS p
SET
    page_id = %(page_id)s,
    written_hash = %(region_hash)s,
    seen_hash = %(seen_hash)s,
    written_as_of = %(as_of)s,
    written_version = %(version)s,
    written_at = CASE WHEN %(wrote)s THEN %(now)s ELSE p.written_at END
WHERE p.page_key = %(page_key)s

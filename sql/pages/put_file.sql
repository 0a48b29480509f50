-- The same content as before keeps its state: what the wiki has is not kept a second time.
INSERT INTO ailog_peak.wanted_page_files AS f (page_key, name, media_type, sha256, content)
VALUES (%(page_key)s, %(name)s, %(media_type)s, %(sha256)s, %(content)s)
ON CONFLICT (page_key, name) DO UPDATE
SET media_type = excluded.media_type, sha256 = excluded.sha256, content = excluded.content
WHERE f.sha256 <> excluded.sha256

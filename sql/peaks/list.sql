-- Known peaks, newest first; those without a window left only when a person said something of them or they are asked for.
SELECT
    k.peak_id, k.peak_key, k.category, k.flow, k.peak_type, k.status, k.first_seen, k.last_seen, k.occurrences, k.incidents, k.raw_errors,
    k.max_value, k.max_ratio, k.usual_minutes, k.typical_minutes, k.fingerprints, k.namespaces, k.apps, k.problems, k.ticket, k.owner,
    k.mitigation, k.notes
FROM ailog_peak.known_peaks AS k
WHERE
    (%(status)s::text IS NULL OR k.status = %(status)s)
    AND (%(name)s::text IS NULL OR %(name)s IN (k.peak_id, k.peak_key))
    AND (%(namespace)s::text IS NULL OR k.namespaces ? %(namespace)s::text)
    AND (
        k.occurrences > 0 OR %(name)s::text IS NOT NULL OR k.status <> 'open'
        OR coalesce(k.ticket, k.owner, k.notes, k.mitigation) IS NOT NULL
    )
ORDER BY k.last_seen DESC, k.peak_key
LIMIT %(limit)s

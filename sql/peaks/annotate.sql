UPDATE ailog_peak.known_peaks AS k SET
    ticket = nullif(coalesce(%(ticket)s, k.ticket), ''), owner = nullif(coalesce(%(owner)s, k.owner), ''), notes = nullif(coalesce(%(notes)s, k.notes), ''),
    status = coalesce(%(status)s, k.status), mitigation = nullif(coalesce(%(mitigation)s, k.mitigation), ''),
    typical_minutes = coalesce(%(typical_minutes)s, k.typical_minutes)
WHERE %(name)s IN (k.peak_id, k.peak_key)
RETURNING k.peak_id, k.peak_key, k.status

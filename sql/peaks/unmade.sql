-- Categories and flows of peaks that nothing was counted of yet.
SELECT DISTINCT k.category || ':' || k.flow AS base FROM ailog_peak.known_peaks AS k WHERE k.occurrences = 0 ORDER BY base

-- Whether people ever declared anything fixed.
SELECT
    EXISTS (SELECT 1 FROM ailog_peak.resolutions)
    OR EXISTS (SELECT 1 FROM ailog_peak.incidents AS i WHERE i.status = 'resolved' AND i.resolved_by NOT IN ('quiet', 'amended')) AS any_fix

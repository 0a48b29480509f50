-- What the judged days scored, by series, for the budget.
SELECT d.namespace, d.subject, d.day, d.scores
FROM ailog_peak.series_days AS d
WHERE d.day >= %(first)s AND d.day <= %(last)s
ORDER BY d.namespace, d.subject, d.day

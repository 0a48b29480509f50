-- The end of the newest complete window (before a bound), and which spans of the tables are whole: only these are compared.
WITH newest AS (
    SELECT max(w.window_start) + interval '15 minutes' AS as_of
    FROM ailog_peak.analysis_run_windows AS w
    WHERE w.status = 'complete' AND (%(until)s::timestamptz IS NULL OR w.window_start < %(until)s::timestamptz)
),

done AS (
    SELECT w.window_start, n.as_of
    FROM newest AS n
    INNER JOIN ailog_peak.analysis_run_windows AS w
        ON w.status = 'complete' AND w.window_start < n.as_of AND w.window_start >= n.as_of - interval '14 days'
),

slot_2h AS (
    SELECT date_bin('2 hours', d.window_start, d.as_of) AS slot
    FROM done AS d
    WHERE d.window_start >= d.as_of - interval '12 hours' AND d.window_start < d.as_of - interval '2 hours'
    GROUP BY 1 HAVING count(*) = 8
),

slot_24h AS (
    SELECT date_bin('1 day', d.window_start, d.as_of) AS slot
    FROM done AS d
    WHERE d.window_start >= d.as_of - interval '7 days' AND d.window_start < d.as_of - interval '1 day'
    GROUP BY 1 HAVING count(*) = 96
)

SELECT
    n.as_of,
    (SELECT count(*) FROM done AS d WHERE d.window_start >= n.as_of - interval '2 hours')::integer AS recent_2h,
    (SELECT count(*) FROM done AS d WHERE d.window_start >= n.as_of - interval '24 hours')::integer AS recent_24h,
    (SELECT count(*) FROM done AS d WHERE d.window_start >= n.as_of - interval '7 days')::integer AS recent_7d,
    (SELECT count(*) FROM done AS d WHERE d.window_start < n.as_of - interval '7 days')::integer AS before_7d,
    array(SELECT s.slot FROM slot_2h AS s ORDER BY 1) AS slots_2h,
    array(SELECT s.slot FROM slot_24h AS s ORDER BY 1) AS slots_24h
FROM newest AS n

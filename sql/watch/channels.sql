-- Of every channel that messages were given to in the last days: since when nothing was taken, and how much waits.
WITH word AS (
    SELECT
        d.channel,
        max(d.at) FILTER (WHERE d.outcome IN ('accepted', 'delivered')) AS last_good
    FROM ailog_peak.notification_deliveries AS d
    WHERE d.at > %(now)s::timestamptz - interval '7 days' AND d.at <= %(now)s
    GROUP BY d.channel
),

bad AS (
    SELECT d.channel, min(d.at) AS failing_since, (array_agg(d.detail ORDER BY d.at DESC, d.delivery_id DESC))[1] AS detail
    FROM ailog_peak.notification_deliveries AS d
    INNER JOIN word AS w ON w.channel = d.channel
    WHERE
        d.outcome IN ('retry', 'refused') AND d.at > %(now)s::timestamptz - interval '7 days' AND d.at <= %(now)s
        AND (w.last_good IS NULL OR d.at > w.last_good)
    GROUP BY d.channel
)

SELECT
    b.channel, b.failing_since, b.detail,
    (SELECT count(*) FROM ailog_peak.outbox AS o WHERE o.channel = b.channel AND o.status <> 'sent')::integer AS waiting
FROM bad AS b
ORDER BY b.channel

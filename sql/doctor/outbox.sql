SELECT
    o.channel,
    count(*) FILTER (WHERE o.status IN ('pending', 'sending') AND o.attempts > 0)::integer AS waiting,
    count(*) FILTER (WHERE o.status = 'failed')::integer AS failed,
    (array_agg(o.last_error ORDER BY o.created_at DESC) FILTER (WHERE o.last_error IS NOT NULL))[1] AS last_error
FROM ailog_peak.outbox AS o
WHERE o.created_at > %(now)s::timestamptz - interval '1 day' AND o.status <> 'sent'
GROUP BY o.channel
ORDER BY o.channel

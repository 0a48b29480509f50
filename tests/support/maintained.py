"""Days of facts as publishing runs leave them, many at once: for tests of maintenance, where only their sums matter."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID, uuid5

from ailog.adapters.store.postgres import PostgresStore

_IDS = UUID("00000000-0000-5000-8000-00000000000e")
QUARTER = timedelta(minutes=15)
NAMESPACES = ("pcb-sit-01-app", "pca-uat-01-app")

_RUN = """
INSERT INTO ailog_peak.analysis_runs (
    run_id, kind, window_from, window_to, windows, status, verdict, code_version, config_hash, started_at, completed_at
) VALUES (%(run_id)s, 'backfill', %(start)s, %(end)s, %(windows)s, 'complete', 'final', '0', '0', %(end)s, %(end)s)
"""
_KINDS = """
INSERT INTO ailog_peak.error_kind_counts (
    window_start, namespace, app, fingerprint, run_id, environment, problem_key, error_type, category, subcategory, count, first_event, last_event,
    versions, metadata_quality, sample
)
SELECT w, n, 'orders', lpad(to_hex(k), 16, '0'), %(run_id)s, 'sit', 'TIMEOUT:orders:kind_' || k, 'TimeoutException', 'TIMEOUT', 'read',
    1 + (extract(epoch FROM w)::bigint / 900 + k) %% 7, w + interval '1 second', w + interval '14 minutes', ARRAY['1.2.3'], 'structured',
    'Read timed out after ' || k || ' ms'
FROM generate_series(%(start)s::timestamptz, %(end)s::timestamptz - interval '15 minutes', interval '15 minutes') AS w,
    unnest(%(namespaces)s::text[]) AS n, generate_series(1, %(kinds)s) AS k
WHERE %(every)s = 1 OR extract(epoch FROM w)::bigint / 900 %% %(every)s = 0
"""
_TOTALS = """
INSERT INTO ailog_peak.namespace_error_counts (window_start, namespace, run_id, count, document_count, complete)
SELECT w, n, %(run_id)s, coalesce(e.count, 0), 500, true
FROM generate_series(%(start)s::timestamptz, %(end)s::timestamptz - interval '15 minutes', interval '15 minutes') AS w
CROSS JOIN unnest(%(namespaces)s::text[]) AS n
LEFT JOIN (
    SELECT window_start, namespace, sum(count) AS count FROM ailog_peak.error_kind_counts
    WHERE window_start >= %(start)s AND window_start < %(end)s GROUP BY window_start, namespace
) AS e ON e.window_start = w AND e.namespace = n
"""
_LEDGER = """
INSERT INTO ailog_peak.analysis_run_windows (window_start, run_id, status, expected, stored)
SELECT window_start, %(run_id)s, 'complete', sum(count), sum(count) FROM ailog_peak.namespace_error_counts
WHERE window_start >= %(start)s AND window_start < %(end)s GROUP BY window_start
"""
_VERDICTS = """
INSERT INTO ailog_peak.detection_events (window_start, namespace, detector, subject, run_id, value, fired, stage, reason)
SELECT window_start, namespace, 'spike', 'namespace', run_id, count, false, 'threshold', 'below' FROM ailog_peak.namespace_error_counts
WHERE window_start >= %(start)s AND window_start < %(end)s
"""
_HEALTH = """
INSERT INTO ailog_peak.service_health (window_start, namespace, app, run_id, errors, fingerprints, incidents)
SELECT window_start, namespace, 'orders', run_id, count, 1, 0 FROM ailog_peak.namespace_error_counts
WHERE window_start >= %(start)s AND window_start < %(end)s
"""
_SIGNATURES = """
INSERT INTO ailog_peak.error_signatures AS s (
    fingerprint, algorithm_version, error_type, template, category, subcategory, rule_id, rule_bundle, first_seen, last_seen, sample
)
SELECT fingerprint, '1', 'TimeoutException', 'Read timed out after <n> ms', 'TIMEOUT', 'read', 'r', 'b', min(first_event), max(last_event), min(sample)
FROM ailog_peak.error_kind_counts WHERE window_start >= %(start)s AND window_start < %(end)s GROUP BY fingerprint
ON CONFLICT (fingerprint) DO UPDATE SET
    first_seen = least(s.first_seen, excluded.first_seen), last_seen = greatest(s.last_seen, excluded.last_seen)
"""


def fill(
    store: PostgresStore, start: datetime, days: float, *, kinds: int = 2, every: int = 1, namespaces: tuple[str, ...] = NAMESPACES
) -> str:
    """Publishes whole windows from ``start`` on by one run; ``every``: only each so-manieth window has errors. Returns the run id."""
    end = start + timedelta(days=days)
    run_id = str(uuid5(_IDS, f"{start}|{days}|{kinds}|{every}"))
    values = {
        "run_id": run_id, "start": start, "end": end, "windows": int((end - start) / QUARTER), "kinds": kinds, "every": every,
        "namespaces": list(namespaces),
    }  # fmt: skip
    with store.connection() as connection:
        month = start
        while month < end + timedelta(days=31):
            connection.execute("SELECT ailog_peak.ensure_partitions(%s, %s)", (month, min(month + timedelta(days=31), end)))
            month += timedelta(days=31)
        for statement in (_RUN, _KINDS, _TOTALS, _LEDGER, _VERDICTS, _HEALTH, _SIGNATURES):
            connection.execute(statement, values)
    return run_id

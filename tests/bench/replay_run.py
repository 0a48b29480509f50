"""One replay in a process of its own: fills a month of facts and what is remembered of it, or replays it; prints JSON."""

from __future__ import annotations

import hashlib
import json
import sys
import time
from datetime import UTC, datetime, timedelta
from typing import Any

from tests.support.memory import peak_mb

from ailog.adapters.store.postgres import PostgresStore
from ailog.domain.events import Interval
from ailog.pipeline.replay import replay
from ailog.pipeline.thresholds import train_thresholds
from ailog.settings import Settings, load

END = datetime(2026, 11, 22, tzinfo=UTC)
BEFORE_DAYS = 14
PROBLEMS = 5
_WINDOWS = """
WITH run AS (
    INSERT INTO ailog_peak.analysis_runs (run_id, kind, window_from, window_to, windows, status, code_version, config_hash, started_at)
    VALUES (gen_random_uuid(), 'init', %(start)s, %(end)s, 1, 'complete', '0', '0', %(end)s) RETURNING run_id
)
INSERT INTO ailog_peak.analysis_run_windows (window_start, run_id, status)
SELECT w, run_id, 'complete' FROM run, generate_series(%(start)s, %(end)s - interval '15 minutes', interval '15 minutes') AS w
ON CONFLICT (window_start) DO NOTHING
"""
_KINDS = """
INSERT INTO ailog_peak.error_kind_counts (window_start, namespace, app, fingerprint, run_id, environment, problem_key, error_type, category,
    subcategory, count, first_event, last_event, metadata_quality, sample)
SELECT w, 'pcb-sit-' || lpad(n::text, 3, '0') || '-app', 'app' || p, lpad(to_hex(n * 100 + p), 16, '0'),
    '00000000-0000-0000-0000-000000000000', 'sit', 'NETWORK:app' || (n %% 90) || '-' || p || ':timeout', 'E', 'network', 'timeout', c,
    w + interval '1 second', w + interval '14 minutes', 'structured', 'a sample of some length'
FROM (
    SELECT w, n, p, floor(
        (0.3 + (n %% 17) / 3.0) / p * (0.4 + sin(pi() * extract(hour FROM w) / 24)) * (random() + random() + random() + random())
        * CASE WHEN random() < 0.0002 THEN 12 ELSE 1 END
    )::int AS c
    FROM generate_series(%(start)s, %(end)s - interval '15 minutes', interval '15 minutes') AS w
    CROSS JOIN generate_series(1, %(n)s) AS n CROSS JOIN generate_series(1, %(problems)s) AS p
) AS x WHERE c > 0
"""
_TOTALS = """
INSERT INTO ailog_peak.namespace_error_counts (window_start, namespace, run_id, count, document_count, complete)
SELECT w, s.namespace, '00000000-0000-0000-0000-000000000000', coalesce(k.count, 0), 1000, true
FROM generate_series(%(start)s, %(end)s - interval '15 minutes', interval '15 minutes') AS w
CROSS JOIN (SELECT 'pcb-sit-' || lpad(n::text, 3, '0') || '-app' AS namespace FROM generate_series(1, %(n)s) AS n) AS s
LEFT JOIN (
    SELECT window_start, namespace, sum(count) AS count FROM ailog_peak.error_kind_counts
    WHERE window_start >= %(start)s AND window_start < %(end)s GROUP BY 1, 2
) AS k ON k.window_start = w AND k.namespace = s.namespace
ON CONFLICT (window_start, namespace) DO NOTHING
"""


def main(task: dict[str, Any]) -> dict[str, Any]:
    """Fills, or replays."""
    store = PostgresStore(task["store"], statement_timeout_s=3000)
    return _fill(store, task) if task["task"] == "fill" else _replay(store, task)


def _fill(store: PostgresStore, task: dict[str, Any]) -> dict[str, Any]:
    span = {"start": END - timedelta(days=task["days"] + BEFORE_DAYS), "end": END, "n": task["namespaces"], "problems": PROBLEMS}
    with store.connection("fill") as connection:
        connection.execute("SELECT setseed(0.5)")
        connection.execute("SELECT ailog_peak.ensure_partitions(%(start)s, %(end)s)", span)
        connection.execute(_WINDOWS, span)
        connection.execute(_KINDS, span)
        connection.execute(_TOTALS, span)
    with store.connection("know the tables") as connection:
        connection.execute("ANALYZE")
    train_thresholds(store, load(), as_of=END)
    counts = "SELECT (SELECT count(*) FROM ailog_peak.{} WHERE window_start >= %(month)s)"
    month = {"month": END - timedelta(days=task["days"])}
    with store.connection("count") as connection:
        totals, kinds = (
            connection.execute(counts.format(table), month).fetchone()[0] for table in ("namespace_error_counts", "error_kind_counts")
        )
        series = connection.execute("SELECT count(DISTINCT (namespace, subject)) FROM ailog_peak.series_days").fetchone()[0]
    return {"totals": totals, "kinds": kinds, "series": series}


def _replay(store: PostgresStore, task: dict[str, Any]) -> dict[str, Any]:
    settings = load()
    data = settings.model_dump(mode="json")
    data["detectors"]["budget"] = {"false_alarms": 0.1, "spend": "worth"}
    data["incidents"]["quiet_minutes"] = 90
    span = Interval(END - timedelta(days=task["days"]), END)
    started, processor = time.perf_counter(), time.process_time()
    found = replay(store, settings, Settings.model_validate(data), span)
    seconds, own = time.perf_counter() - started, time.process_time() - processor
    text = json.dumps(found, sort_keys=True, default=str)
    total = found["total"]
    return {
        "seconds": seconds,
        "processor": own,
        "peak_mb": peak_mb(),
        "incidents": total["incidents_before"] + total["incidents_after"],
        "total": total,
        "sha256": hashlib.sha256(text.encode()).hexdigest(),
    }


if __name__ == "__main__":
    print(json.dumps(main(json.loads(sys.argv[1]))))

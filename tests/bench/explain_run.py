"""A year of verdicts in a process of its own: fills the tables, explains windows, prints JSON."""

from __future__ import annotations

import json
import statistics
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from ailog.adapters.store.postgres import PostgresStore
from ailog.pipeline.explain import explain
from ailog.pipeline.spent import spent
from ailog.settings import load

END: Final = datetime(2026, 2, 1, tzinfo=UTC)
NAMESPACES: Final = 40
_QUARTER: Final = timedelta(minutes=15)
_NAME: Final = "'pcb-sit-' || lpad(n::text, 2, '0') || '-app'"
_RUN: Final = "('00000000-0000-0000-0000-' || lpad((extract(epoch FROM w)::bigint / 900)::text, 12, '0'))::uuid"
_GRID: Final = (
    "generate_series(%(start)s::timestamptz, %(end)s - interval '15 minutes', interval '15 minutes') AS w "
    f"CROSS JOIN generate_series(1, {NAMESPACES}) AS n"
)
_FILL: Final = {
    "analysis_runs": "(run_id, kind, window_from, window_to, windows, status, code_version, config_hash, started_at) "
    f"SELECT {_RUN}, 'regular', w, w + interval '15 minutes', 1, 'complete', '0', '0', w FROM {_GRID} WHERE n = 1",
    "analysis_run_windows": f"(window_start, run_id, status) SELECT w, {_RUN}, 'complete' FROM {_GRID} WHERE n = 1",
    "namespace_error_counts": "(window_start, namespace, run_id, count, document_count, complete) "
    f"SELECT w, {_NAME}, {_RUN}, n, 1000, true FROM {_GRID}",
    "detection_events": "(window_start, namespace, detector, subject, run_id, value, baseline, threshold, fired, stage, reason, evidence) "
    f"SELECT w, {_NAME}, d, CASE WHEN d = 'spike' THEN 'namespace' ELSE 'subject of ' || d END, {_RUN}, n, n, n + 10, false, 'significance', "
    "'12 errors in 15 min; usual at this time 11, limit 61 (P93 of Tuesday); within the usual spread of this time', "
    "jsonb_build_object('limit', 61, 'rule', 'P93', 'score', 0.4, 'alarm_limit', 10.2, 'level', 11, 'dispersion', 0.12, 'ratio', 1.1, "
    f"'level_accepted', w = date_trunc('month', w)) FROM {_GRID} CROSS JOIN unnest(ARRAY['spike', 'burst', 'new']) AS d",
    "incidents": "(incident_id, problem_key, namespace, environment, status, opened_window, last_window, first_event, last_event, windows, "
    "event_count, peak_count, severity, score, flags, reason, apps, fingerprints, sample, root_cause, notified_window) "
    f"SELECT gen_random_uuid(), 'TIMEOUT:orders:read', {_NAME}, 'sit', 'resolved', w, w, w, w, 1, 100, 100, 'high', 65, '{{spike}}', 'r', '{{}}', "
    f"'{{}}', '', '{{}}', w FROM {_GRID} WHERE extract(epoch FROM w)::bigint / 900 %% 96 = n",
    "peak_investigation": "SELECT i.opened_window, i.namespace, i.problem_key, i.incident_id, gen_random_uuid(), 100, 100, 10, 60, 10, 'spike', "
    "true, false, false, false, false, false, false, false, false, i.severity, i.score, '{\"spike\": 65}', i.reason, i.apps, i.fingerprints, "
    "i.first_event, i.last_event, '', NULL, i.root_cause FROM ailog_peak.incidents AS i",
    "notice_decisions": "(run_id, incident_id, channel, namespace, problem_key, window_from, window_to, told, stage, reason) "
    f"SELECT {_RUN}, gen_random_uuid(), 'teams', {_NAME}, 'TIMEOUT:orders:read', w, w + interval '15 minutes', false, 'cool-down', 'told "
    f"lately' FROM {_GRID}",
}


def main(task: dict[str, Any]) -> dict[str, Any]:
    """Fills, explains fifty windows all over the time and one that was not read."""
    store, settings = PostgresStore(task["store"], statement_timeout_s=3000), load()
    span = {"start": END - timedelta(days=task["days"]), "end": END}
    with store.connection("fill") as connection:
        connection.execute("SELECT ailog_peak.ensure_partitions(%(start)s, %(end)s)", span)
        rows = {name: connection.execute(f"INSERT INTO ailog_peak.{name} {fill}", span).rowcount for name, fill in _FILL.items()}
    with store.connection("gather statistics") as connection:
        for name in _FILL:
            connection.execute(f"ANALYZE ailog_peak.{name}")

    def of(number: int) -> float:
        window = span["start"] + number * (END - span["start"]) / 50
        name = f"pcb-sit-{number % NAMESPACES + 1:02}-app"
        return _seconds(lambda: explain(store, settings, name, window, END + timedelta(days=1)))

    seconds = [of(number) for number in range(50)]
    run = {"run_no": -1, "windows": [END - _QUARTER], "first": END - _QUARTER, "last": END, "days": 8}
    return {
        "verdicts": rows["detection_events"],
        "median": statistics.median(seconds),
        "slowest": max(seconds),
        "unread": _seconds(lambda: explain(store, settings, "pcb-sit-01-app", END + timedelta(hours=1), END + timedelta(days=1))),
        "scans": _scans(store, span["start"] + (END - span["start"]) / 2),
        "accepted": _seconds(lambda: _rows(store, "publish/accepted_levels", run)),
        "budget": _seconds(lambda: spent(store, settings, END, 8)),
    }


def _seconds(work: Callable[[], Any]) -> float:
    started = time.perf_counter()
    work()
    return time.perf_counter() - started


def _rows(store: PostgresStore, name: str, values: dict[str, Any]) -> list[tuple[Any, ...]]:
    with store.connection("read") as connection:
        return connection.execute(store.statement(name), values).fetchall()


def _scans(store: PostgresStore, window: datetime) -> int:
    """Statements of an explanation whose plan reads a large table from end to end."""
    values = {"namespace": "pcb-sit-07-app", "window_start": window.replace(hour=8, minute=0), "snapshots": []}
    found = 0
    for name in ("window", "attempts", "namespaces", "detections", "incidents", "notices"):
        with store.connection("plan") as connection:
            plan = "\n".join(row[0] for row in connection.execute(f"EXPLAIN {store.statement(f'explain/{name}')}", values).fetchall())
        found += any(
            f"Seq Scan on {table}" in plan for table in ("detection_events", "notice_decisions", "peak_investigation", "incidents")
        )
    return found


if __name__ == "__main__":
    print(json.dumps(main(json.loads(sys.argv[1]))))

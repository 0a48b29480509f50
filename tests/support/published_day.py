"""A day in the database as a finished backfill leaves it, with incidents of every severity and hostile text."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid5

import psycopg
from psycopg.types.json import Jsonb

from ailog.ports import Store

DAY = datetime(2026, 3, 9, tzinfo=UTC)
ONE_DAY = timedelta(days=1)
QUARTER = timedelta(minutes=15)
NOW = DAY + ONE_DAY + timedelta(hours=9)
HOSTILE = (
    '<script>alert(1)</script> & ]]> {{x}} <ac:structured-macro ac:name="html"/> \x00\x1b[31m \U0001f600 \u202eevil '
    "ailog-end 'quotes' \"double\" " + "long" * 900
)
_IDS = UUID("00000000-0000-5000-8000-00000000000d")
_GRADES = {"critical": 91.0, "high": 67.5, "medium": 44.25, "low": 21.0}


def finished_day(
    store: Store, day: datetime = DAY, *, kind: str = "backfill", errors: int = 40, incidents: int = 4, missing: int = 0, **changes: Any
) -> str:
    """Writes a run over a whole day, its windows, totals, facts and incidents; returns the run id. A repetition replaces the day."""
    run_id = str(uuid5(_IDS, f"{day}|{kind}|{sorted(changes.items())}|{errors}|{incidents}|{missing}"))
    run = {
        "run_id": run_id, "kind": kind, "window_from": day, "window_to": day + ONE_DAY, "windows": 96, "status": "complete", "verdict": "final",
        "expected": 96 * errors, "fetched": 96 * errors, "rejected": 2, "staged": 96 * errors - 2, "stored": 96 * errors - 2,
        "unknown_share": 0.035, "code_version": "0.1.0", "config_hash": "0" * 16, "started_at": NOW, "completed_at": NOW,
    } | changes  # fmt: skip
    with store.connection() as connection:
        connection.execute("SELECT ailog_peak.ensure_partitions(%s, %s)", (day, day + ONE_DAY))
        for table in ("peak_investigation", "error_kind_counts", "namespace_error_counts", "analysis_run_windows"):
            connection.execute(f"DELETE FROM ailog_peak.{table} WHERE window_start >= %s AND window_start < %s", (day, day + ONE_DAY))
        connection.execute("DELETE FROM ailog_peak.incidents WHERE opened_window >= %s AND opened_window < %s", (day, day + ONE_DAY))
        connection.execute("DELETE FROM ailog_peak.analysis_runs WHERE run_id = %s", (run_id,))
        _insert(connection, "analysis_runs", run)
        values = {"day": day, "run_id": run_id, "last": 95 - missing, "errors": errors}
        connection.execute(
            "INSERT INTO ailog_peak.analysis_run_windows (window_start, run_id, status, expected, stored) "
            "SELECT %(day)s + g * interval '15 minutes', %(run_id)s, 'complete', %(errors)s, %(errors)s FROM generate_series(0, %(last)s) AS g",
            values,
        )
        connection.execute(
            "INSERT INTO ailog_peak.namespace_error_counts (window_start, namespace, run_id, count, complete) "
            "SELECT %(day)s + g * interval '15 minutes', n.name, %(run_id)s, n.base * %(errors)s + g %% n.spread, true FROM generate_series(0, %(last)s) AS g, "
            "(VALUES ('pcb-sit-01-app', 1, 7), ('pcb-uat-01-app', 0, 3), ('pca-dev-01-app', 0, 1)) AS n (name, base, spread)",
            values,
        )
        for number in range(incidents):
            _incident(connection, run_id, day, number)
    return run_id


def _incident(connection: psycopg.Connection, run_id: str, day: datetime, number: int) -> None:
    severity, score = list(_GRADES.items())[number % 4]
    window = day + (8 * 4 + number % 60) * QUARTER
    key = [
        "TIMEOUT:payments:read_timeout_exception",
        "DATABASE:orders:pool_exhausted",
        "NETWORK:gateway:connection_refused",
        "AUTH:login:token_expired",
    ][number % 4]
    key += f"_{number}" if number >= 4 else ""
    sample = f"Read timed out after 5000 ms calling payments {number}" if number != 1 else HOSTILE
    cause = {"status": "found", "app": "payments", "namespace": "pcb-sit-01-app", "message": "connection pool exhausted", "confidence": "high", "note": "first in 9 of 10 traces",
             "path": [{"app": "payments"}, {"app": "orders"}]}  # fmt: skip
    incident_id = str(uuid5(_IDS, f"{day}|{key}"))
    common = {
        "namespace": "pcb-sit-01-app", "problem_key": key, "severity": severity, "score": score, "apps": {"orders": 230, "payments": 21},
        "reason": f"{270 + number} events in the namespace against a limit of 30 (P93 of Mondays), usual 12.4" if number != 1 else HOSTILE[:400].replace("\x00", ""),
        "fingerprints": ["00112233aabbccdd"], "first_event": window, "last_event": window + timedelta(minutes=14), "sample": sample.replace("\x00", ""),
        "root_cause": cause if number % 2 == 0 else {"status": "unknown"},
    }  # fmt: skip
    _insert(connection, "problems", {"problem_key": key, "category": key.split(":")[0], "flow": key.split(":")[1], "error_class": key.split(":")[2],
            "first_seen": window, "last_seen": window}, "ON CONFLICT DO NOTHING")  # fmt: skip
    _insert(connection, "incidents", {**common, "incident_id": incident_id, "environment": "sit", "status": "open", "opened_window": window,
            "last_window": window, "windows": 1, "event_count": 251 + number, "peak_count": 251, "flags": ["spike", "new"], "verdict": "final"})  # fmt: skip
    flags = {f"is_{flag}": False for flag in ("burst", "regression", "cascade", "cross_namespace", "silence", "escalating", "continuation")}
    _insert(connection, "peak_investigation", {**common, **flags, "is_spike": True, "is_new": True, "window_start": window, "incident_id": incident_id,
            "run_id": run_id, "original_value": 251 + number, "namespace_total": 270, "baseline_mean": 12.4, "threshold": 30.0, "ratio": 21.8,
            "detection_method": "spike", "contributions": {"spike": 25}})  # fmt: skip
    _insert(connection, "error_kind_counts", {"window_start": window, "namespace": "pcb-sit-01-app", "app": "orders", "fingerprint": f"{number:016x}", "run_id": run_id,
            "environment": "sit", "problem_key": key, "error_type": "ReadTimeoutException", "category": key.split(":")[0], "subcategory": "x", "count": 251,
            "first_event": window, "last_event": window, "metadata_quality": "structured", "sample": sample.replace("\x00", "")[:2000]})  # fmt: skip


def known_issue(store: Store) -> None:
    """A known issue that the first incident is matched with."""
    with store.connection() as connection:
        _insert(connection, "known_issues", {"issue_id": "KI-042", "title": "ledger <pool> too small", "ticket": "OPS-1", "owner": "payments & co",
                "workaround": "restart orders", "fixed_in": "2.4.1"})  # fmt: skip
        connection.execute("UPDATE ailog_peak.incidents SET known_issue_id = 'KI-042' WHERE problem_key LIKE 'TIMEOUT:%'")


def _insert(connection: psycopg.Connection, table: str, row: Mapping[str, Any], more: str = "") -> None:
    values = {name: Jsonb(value) if isinstance(value, dict) else value for name, value in row.items()}
    columns, places = ", ".join(values), ", ".join(f"%({name})s" for name in values)
    connection.execute(f"INSERT INTO ailog_peak.{table} ({columns}) VALUES ({places}) {more}", values)

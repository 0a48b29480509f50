"""Rows of the analyzer's own life: runs, their sources, deliveries, pages, as the pipeline leaves them behind."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

from psycopg.types.json import Jsonb

from ailog.adapters.store.postgres import PostgresStore

QUARTER = timedelta(minutes=15)
BODY = {"title": "x", "subtitle": "x", "severity": "high", "warnings": [], "sections": [], "notes": [], "links": []}


def execute(store: PostgresStore, statement: str, values: Any = None) -> None:
    with store.connection() as connection:
        connection.execute(statement, values)


def put_run(store: PostgresStore, started: datetime, *, kind: str = "regular", status: str = "complete", **more: Any) -> str:
    """A run that began then and took a minute; ``sources`` maps names to their errors, None for one that was read."""
    values = {
        "run_id": str(uuid4()),
        "kind": kind,
        "status": status,
        "from": started - QUARTER,
        "to": started,
        "started": started,
        "completed": None if status == "running" else started + timedelta(minutes=1),
        "error": None,
        "stored": 1000,
        "unknown": 0.05,
        "overflow": 0,
        "sources": {"elasticsearch": None},
        **more,
    }
    with store.connection() as connection:
        connection.execute(
            """
            INSERT INTO ailog_peak.analysis_runs (run_id, kind, window_from, window_to, windows, status, stored, unknown_share, error,
                code_version, config_hash, triggered_by, started_at, completed_at)
            VALUES (%(run_id)s, %(kind)s, %(from)s, %(to)s, 1, %(status)s, %(stored)s, %(unknown)s, %(error)s, 'test', 'test', 'test',
                %(started)s, %(completed)s)
            """,
            values,
        )
        for name, error in values["sources"].items():
            connection.execute(
                "INSERT INTO ailog_peak.analysis_run_sources (run_id, source, status, error) VALUES (%s, %s, %s, %s)",
                (values["run_id"], name, "failed" if error else "complete", error),
            )
        if values["overflow"]:
            connection.execute(
                "INSERT INTO ailog_peak.run_warnings (run_id, kind, namespace, kept, templates, at_least, events)"
                " VALUES (%s, 'overflow', 'pcb-sit-01-app', 2000, 9000, false, %s)",
                (values["run_id"], values["overflow"]),
            )
    return str(values["run_id"])


def put_snapshot(store: PostgresStore, trained_to: datetime) -> None:
    """Thresholds that were learnt up to then."""
    execute(
        store,
        "INSERT INTO ailog_peak.threshold_snapshot_runs (snapshot_id, status, percentile_level, trained_from, trained_to, windows_used,"
        " default_threshold, min_samples, code_version, config_hash) VALUES (%s, 'complete', 0.93, %s, %s, 1, 100, 10, 'test', 'test')",
        (str(uuid4()), trained_to - timedelta(days=28), trained_to),
    )


def put_delivery(store: PostgresStore, channel: str, at: datetime, outcome: str, detail: str = "HTTP 503") -> None:
    """A message of that moment and what the channel said to it."""
    status = "sent" if outcome in {"accepted", "delivered"} else "failed" if outcome == "refused" else "pending"
    message = str(uuid4())
    with store.connection() as connection:
        connection.execute(
            "INSERT INTO ailog_peak.outbox (message_id, channel, kind, subject, body, status, attempts, next_attempt, created_at)"
            " VALUES (%s, %s, 'digest', 's', %s, %s, 1, %s, %s)",
            (message, channel, Jsonb(BODY), status, at + timedelta(days=9), at),
        )
        connection.execute(
            "INSERT INTO ailog_peak.notification_deliveries (message_id, channel, attempt, at, outcome, detail) VALUES (%s, %s, 1, %s, %s, %s)",
            (message, channel, at, outcome, detail),
        )


def put_page(store: PostgresStore, wanted_at: datetime, *, status: str = "waiting") -> None:
    """A page that was tried in vain since then."""
    execute(
        store,
        "INSERT INTO ailog_peak.wanted_pages (page_key, kind, as_of, title, region, region_hash, content_hash, wanted_at, status, attempts,"
        " next_attempt, last_error) VALUES ('daily', 'daily', %(at)s, 'Daily', '', 'a', 'a', %(at)s, %(status)s, 3, %(at)s, 'HTTP 503')",
        {"at": wanted_at, "status": status},
    )

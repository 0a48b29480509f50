"""All that is on record of a namespace in a window: what was judged against what, and what became of it. Nothing is computed anew."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from datetime import datetime
from typing import Any

import psycopg
from psycopg.rows import dict_row

from ailog.domain.calendar import occurrences
from ailog.domain.digest import channels_of
from ailog.domain.events import WINDOW, Interval, floor_to_window
from ailog.domain.explain import state
from ailog.pipeline import calendar
from ailog.ports import Store
from ailog.settings import Settings

Row = dict[str, Any]


def explain(store: Store, settings: Settings, namespace: str, moment: datetime, now: datetime, detector: str | None = None) -> Row:
    """What is on record of a namespace in the window that holds ``moment``.

    Returns:
        namespace, window_start, window_end; ``state`` and ``state_reason`` (see ``domain.explain.state``); the ledger's word: status,
        run_id, run_kind, run_verdict, read_at, dead_sources, attempts (runs that failed or go on, where no word counts); count,
        document_count, complete, estimated; ``detections``, each with its evidence (of one detector, where asked); ``snapshots`` that they
        name; ``calendar``: entries that cover the window; ``incidents`` that hold it; ``notices``: what became of the news on each channel;
        ``channels`` of the namespace.
    """
    start = floor_to_window(moment)
    values = {"namespace": namespace, "window_start": start}
    with store.connection("explain a window") as connection:
        found: Row = {**values, "window_end": start + WINDOW, **_rows(store, connection, "window", values)[0]}
        found["attempts"] = _rows(store, connection, "attempts", values) if found["status"] in {None, "failed"} else []
        found["namespaces"] = [row["namespace"] for row in _rows(store, connection, "namespaces", values)] if found["count"] is None else []
        for name in ("detections", "incidents", "notices"):
            found[name] = _rows(store, connection, name, values)
        named = sorted({row["snapshot_id"] for row in found["detections"] if row["snapshot_id"]})
        found["snapshots"] = _rows(store, connection, "snapshots", {"snapshots": named}) if named else []
        known = calendar.load(store, connection)
    span = Interval(start, start + WINDOW)
    found["calendar"] = [asdict(one) for one in known.entries if one.covers(namespace) and occurrences(one, span)]
    found["channels"] = channels_of(settings, namespace)
    found["state"], found["state_reason"] = state(found, now, settings.retention.detections_days)
    del found["namespaces"]
    if detector is not None:
        found["detections"] = [row for row in found["detections"] if row["detector"] == detector]
    return found


def _rows(store: Store, connection: psycopg.Connection, name: str, values: Mapping[str, Any]) -> list[Row]:
    with connection.cursor(row_factory=dict_row) as cursor:
        return cursor.execute(store.statement(f"explain/{name}"), values).fetchall()

"""Puts on record what a run changed of incidents in windows that were judged before. Called inside the transaction that publishes it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import pandas as pd
import psycopg
from psycopg.rows import dict_row

from ailog.domain.amendments import Earlier, State, amendments
from ailog.pipeline import frames
from ailog.ports import Store


@dataclass(frozen=True)
class Before:
    """What was said of the windows that are read again: ``peaks`` are their windows of incidents."""

    windows: Sequence[datetime]
    peaks: pd.DataFrame


def remember(store: Store, connection: psycopg.Connection, values: Mapping[str, Any]) -> Before | None:
    """Keeps what the store says of the run's windows before it is replaced; None when no complete run judged any of them."""
    found = connection.execute(store.statement("publish/reread_windows"), values).fetchall()
    if not found:
        return None
    windows = [row[0] for row in found]
    connection.execute(store.statement("publish/keep_counts"), {"reread": windows})
    return Before(windows, frames.read(store, connection, "publish/reread_peaks", {"reread": windows}))


def record(store: Store, connection: psycopg.Connection, values: Mapping[str, Any], before: Before | None) -> int:
    """Writes the run's amendments; returns how many there are. The same run over the same events adds none."""
    if before is None:
        return 0
    reread = {"reread": list(before.windows)}
    after = frames.read(store, connection, "publish/reread_peaks", reread)
    cells = {
        (window.to_pydatetime(), str(namespace), str(problem))
        for frame in (before.peaks, after)
        for window, namespace, problem in zip(frame["window_start"], frame["namespace"], frame["problem_key"], strict=True)
    }
    windows, namespaces, problems = (list(column) for column in zip(*sorted(cells), strict=True)) if cells else ([], [], [])
    places = {**reread, "windows": windows, "namespaces": namespaces, "problems": problems}
    late = {(w, n, p): int(count) for w, n, p, count in connection.execute(store.statement("publish/late_counts"), places).fetchall()}
    rows, replaced = amendments(before.peaks, after, late, _earlier(store, connection, values))
    for incident_id, day in replaced:
        connection.execute(store.statement("publish/clear_amendment"), {**values, "incident_id": incident_id, "day": day})
    with connection.cursor() as cursor:
        cursor.executemany(store.statement("publish/put_amendment"), [{**row, "run_id": values["run_id"]} for row in rows])
    return len(rows)


def _earlier(store: Store, connection: psycopg.Connection, values: Mapping[str, Any]) -> dict[Any, Earlier]:
    with connection.cursor(row_factory=dict_row) as cursor:
        rows = cursor.execute(store.statement("publish/amendments"), values).fetchall()
    return {
        (row["incident_id"], row["day"]): Earlier(
            State(row["windows_before"], row["events_before"], row["severity_before"], row["score_before"], tuple(row["flags_before"])),
            row["late_events"],
        )
        for row in rows
    }

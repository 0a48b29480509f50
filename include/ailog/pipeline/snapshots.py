"""The read side of threshold snapshots: which there are, what one says of a value, how one differs from the one in use."""

from __future__ import annotations

from typing import Any

from psycopg.rows import dict_row

from ailog.domain import threshold_changes
from ailog.domain.thresholds import Limits
from ailog.errors import PermanentError
from ailog.pipeline.thresholds import read_values
from ailog.ports import Store
from ailog.settings import Settings

Row = dict[str, Any]


def history(store: Store, *, prefix: str | None = None, limit: int = 50) -> list[Row]:
    """Snapshots whose id begins with ``prefix``, newest first by what they were trained to, each with ``in_use``."""
    with store.connection("list snapshots") as connection, connection.cursor(row_factory=dict_row) as cursor:
        return cursor.execute(store.statement("thresholds/history"), {"prefix": prefix, "limit": limit}).fetchall()


def find(store: Store, prefix: str | None = None) -> Row:
    """The snapshot in use, or the one whose id begins with ``prefix``.

    Raises:
        PermanentError: when there is none, or more than one begins so.
    """
    found = history(store, prefix=prefix.strip().lower() if prefix else None, limit=2)
    if prefix is None:
        found = [row for row in found if row["in_use"]]
    if not found:
        what = f"no threshold snapshot begins with {prefix!r}: 'ailog thresholds --history' names them" if prefix else ""
        raise PermanentError(what or "there is no threshold snapshot yet: run 'ailog init' or 'ailog thresholds'")
    if prefix and len(found) > 1:
        raise PermanentError(f"more than one threshold snapshot begins with {prefix!r}: give more of its id")
    return found[0]


def check(store: Store, settings: Settings, *, value: float, namespace: str, weekday: int, prefix: str | None = None) -> Row:
    """Whether a total passes what it would be held against: value, passed, limit, rule (P93, CAP, default), samples, snapshot_id, known.

    ``known`` is whether the snapshot knows the namespace. Raises PermanentError when there is no snapshot.
    """
    snapshot = find(store, prefix)
    with store.connection("check a value") as connection:
        values = read_values(store, connection, snapshot["snapshot_id"])
    limit = Limits(values, settings.thresholds).of(namespace, weekday)
    return {
        "namespace": namespace,
        "weekday": weekday,
        "value": value,
        "passed": value > limit.value,
        "limit": limit.value,
        "rule": limit.rule,
        "samples": limit.samples,
        "known": bool((values["namespace"] == namespace).any()),
        "snapshot_id": snapshot["snapshot_id"],
        "trained_to": snapshot["trained_to"],
    }


def compare(store: Store, settings: Settings, prefix: str) -> Row:
    """How a snapshot differs from the one in use: ``from`` (in use), ``to`` (the given), and what ``threshold_changes.compare`` says."""
    old, new = find(store), find(store, prefix)
    with store.connection("compare snapshots") as connection:
        was, now = (read_values(store, connection, row["snapshot_id"]) for row in (old, new))
    return {"from": old["snapshot_id"], "to": new["snapshot_id"], **threshold_changes.compare(was, now, settings.thresholds)}

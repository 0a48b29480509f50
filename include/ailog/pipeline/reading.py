"""The read side: what the ledger, the facts and the incidents say, as plain values for the command line and the web page.

The keys of the results are part of the interface: scripts read them through ``ailog ... --json``.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from psycopg.rows import dict_row

from ailog.domain.events import WINDOW, Interval
from ailog.ports import Store

Row = dict[str, Any]
WINDOWS_A_DAY = timedelta(days=1) // WINDOW


@dataclass(frozen=True, slots=True)
class Span:
    """A half-open span of window starts; None is no limit on that side."""

    since: datetime | None = None
    until: datetime | None = None

    @classmethod
    def of(cls, interval: Interval | None) -> Span:
        """The span of an interval; without one, everything."""
        return cls(*interval) if interval else cls()

    def values(self) -> dict[str, datetime | None]:
        """As parameters of a statement."""
        return {"since": self.since, "until": self.until}


def incidents(
    store: Store, span: Span, *, namespace: str | None = None, open_only: bool = False, min_score: float = 0, limit: int = 50
) -> list[Row]:
    """The incidents that were going on in the span, newest first."""
    values = {**span.values(), "namespace": namespace, "open_only": open_only, "min_score": min_score, "limit": limit}
    return _rows(store, "read/incidents", values)


def ledger(store: Store, span: Span, *, status: str | None = None, limit: int = 50) -> Row:
    """``windows`` (complete, partial, failed, expected, stored, first_window, last_window over the span) and ``runs``, newest first."""
    runs = _rows(store, "read/runs", {**span.values(), "status": status, "limit": limit})
    return {"windows": _rows(store, "read/windows", span.values())[0], "runs": runs}


def stats(store: Store, span: Span) -> Row:
    """``totals`` and ``windows``, and the totals of ``namespaces``, ``categories`` and the 20 largest ``problems`` over the span.

    ``incidents_by_severity`` counts those that went on in the span, ``verdicts`` what each detector judged.
    """
    return {
        "windows": _rows(store, "read/windows", span.values())[0],
        "totals": _rows(store, "read/kind_totals", span.values())[0],
        "namespaces": _rows(store, "read/namespace_stats", span.values()),
        "categories": _rows(store, "read/category_stats", span.values()),
        "problems": _rows(store, "read/problem_stats", span.values()),
        "incidents_by_severity": _rows(store, "read/incident_stats", span.values()),
        "verdicts": _rows(store, "read/verdict_stats", span.values()),
    }


def thresholds(store: Store, namespace: str | None = None, snapshot_id: str | None = None) -> Row:
    """The ``snapshot`` in use (None before the first) or the given one, its ``thresholds`` by weekday and its ``caps``."""
    found = _rows(store, "thresholds/history", {"prefix": snapshot_id, "limit": 1}) if snapshot_id else _rows(store, "read/snapshot", {})
    if not found:
        return {"snapshot": None, "thresholds": [], "caps": []}
    values = _rows(store, "read/thresholds", {"snapshot_id": found[0]["snapshot_id"], "namespace": namespace})
    return {
        "snapshot": found[0],
        "thresholds": [row for row in values if row["weekday"] is not None],
        "caps": [{key: value for key, value in row.items() if key != "weekday"} for row in values if row["weekday"] is None],
    }


def day(store: Store, start: datetime) -> Row:
    """One UTC day: its ``windows`` (with ``missing``), ``namespaces``, ``categories``, ``totals`` and ``incidents``."""
    span = Span(start, start + timedelta(days=1))
    windows = _rows(store, "read/windows", span.values())[0]
    windows["missing"] = WINDOWS_A_DAY - windows["complete"] - windows["partial"] - windows["failed"]
    found = {"date": start.date().isoformat(), **stats(store, span), "windows": windows}
    return {**found, "incidents": incidents(store, span, limit=1000)}


def _rows(store: Store, name: str, values: Mapping[str, Any]) -> list[Row]:
    with store.connection(f"read ({name})") as connection, connection.cursor(row_factory=dict_row) as cursor:
        return cursor.execute(store.statement(name), dict(values)).fetchall()

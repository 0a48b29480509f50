"""Lets go of what is past its time, and of nothing else.

What goes, after how many days (``retention`` in analyzer.yaml):

- whole months of ``error_kind_counts`` and ``namespace_error_counts`` (``raw_days``), once every day of theirs is rolled up as it stands;
  ``detection_events`` (``detections_days``); ``service_dependencies``, ``cascade_failures``, ``service_health`` (``traces_days``). A month
  goes when its last day is past the time: the oldest rows are up to a month older than the setting says.
- signatures, aliases and specimens of fingerprints that were not seen for ``patterns_days``, with their whole family, unless a fact, a
  known issue, a decision about families or an open incident names them. ``error_patterns`` keeps template, count and first sight for ever.
- rejected records (``rejected_days``), messages that were sent or given up with their deliveries, and decisions about notices
  (``messages_days``), threshold snapshots that were replaced (``snapshot_days``), remembered days of series and their norms
  (``norms_days``).

What stays for ever: roll-ups, patterns, incidents and their peaks, amendments, problems, known issues, calendars, silences, decisions, the
run ledger, the audit log.

The look-back for new errors reads facts and, before them, roll-ups: retention never makes an error new that the look-back covers. An error
that was unseen for longer than ``detectors.new.lookback_days`` is new again, as it is without retention.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from functools import partial
from typing import Any, Final, TypeVar

import psycopg
from psycopg import sql
from psycopg.rows import dict_row

from ailog.errors import AilogError, StoreBusy
from ailog.pipeline.rollup import alone
from ailog.ports import Store
from ailog.settings import Settings

MONTHLY: Final = {
    "error_kind_counts": "raw_days",
    "namespace_error_counts": "raw_days",
    "detection_events": "detections_days",
    "service_dependencies": "traces_days",
    "cascade_failures": "traces_days",
    "service_health": "traces_days",
}
"""Tables whose months are dropped, by the setting that says when."""

ROWS: Final = {
    "rejected_event": "rejected_days",
    "outbox": "messages_days",
    "notice_decisions": "messages_days",
    "series_days": "norms_days",
}
"""Tables whose rows are deleted, in batches."""

FORGOTTEN: Final = {"signatures": "patterns_days", "snapshots": "snapshot_days"}
"""What functions of the schema let go of."""

KEPT: Final = (
    "daily_rollup_days", "daily_error_kind_rollups", "daily_namespace_rollups", "error_patterns", "incidents", "peak_investigation",
    "incident_amendments", "problems", "known_issues", "calendar_entries", "silences", "family_decisions", "analysis_runs",
    "analysis_run_windows", "audit_log",
)  # fmt: skip
"""What is never let go of."""

_EVER: Final = datetime(1, 1, 1, tzinfo=UTC)
_BATCH: Final = 10_000
_TRIES: Final = 30
_PAUSE_S: Final = 2.0
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Month:
    """An expired month of a table; rows and bytes as the database estimates them."""

    table: str
    name: str
    month: date
    rows: int
    bytes: int


@dataclass(frozen=True, slots=True)
class Due:
    """Everything that retention would let go of now."""

    months: tuple[Month, ...]
    rows: dict[str, int]
    cuts: dict[str, datetime]


def due(store: Store, settings: Settings, now: datetime) -> Due:
    """What is past its time; changes nothing."""
    kept = settings.retention
    cuts = {name: _midnight(now) - timedelta(days=getattr(kept, rule)) for name, rule in (MONTHLY | ROWS | FORGOTTEN).items()}
    with store.connection("look for what is past its time") as connection:
        found = [month for table in MONTHLY for month in _months(store, connection, table) if _end(month.month) <= cuts[table]]
        months = tuple(month if month.rows >= 0 else replace(month, rows=_count(connection, month)) for month in found)
        facts_from = max((_end(month.month) for month in months if month.table == "error_kind_counts"), default=_EVER)
        rows = {
            name: int(_one(connection, store.statement(f"retention/count_{name}"), {"before": cuts[name], "facts_from": facts_from}))
            for name in (*ROWS, *FORGOTTEN)
        }
    return Due(months, rows, cuts)


def retention(store: Store, settings: Settings, now: datetime, *, dry_run: bool = False, sleep: Callable[[float], None]) -> dict[str, Any]:
    """Lets go of everything that is due, piece by piece, each in a short transaction: a repetition goes on where this one was.

    A piece that a publishing run is in the way of is tried again for a minute, and else left for the next time.

    Returns:
        months (their names), bytes, the count of each other kind, and where it is so: waiting (months that were busy) and refused (why
        months were not dropped). A dry run gives the same figures as estimates.
    """
    found = due(store, settings, now)
    if dry_run:
        return {
            "months": {m.name: {"rows": m.rows, "bytes": m.bytes} for m in found.months},
            "bytes": sum(m.bytes for m in found.months),
            **found.rows,
        }
    done: dict[str, Any] = {"months": [], "bytes": 0}
    waiting: list[str] = []
    refused: dict[str, str] = {}
    with alone(store):
        stopped: set[str] = set()
        for month in found.months:
            if month.table in stopped:  # months of a table go oldest first
                waiting.append(month.name)
                continue
            try:
                why = _patiently(partial(_drop, store, month), sleep)
            except StoreBusy:
                stopped.add(month.table)
                waiting.append(month.name)
                continue
            if why:
                stopped.add(month.table)
                refused[month.name] = why
            else:
                done["months"].append(month.name)
                done["bytes"] += month.bytes
        for name in ROWS:
            done[name] = sum(_batches(store, name, found.cuts[name]))
        for name in FORGOTTEN:
            statement = store.statement(f"retention/forget_{name}")
            values = {"before": found.cuts[name]}
            try:
                done[name] = _patiently(partial(_forget, store, statement, values), sleep)
            except StoreBusy:
                waiting.append(name)
    return done | ({"waiting": waiting} if waiting else {}) | ({"refused": refused} if refused else {})


def statistics(store: Store, *, dry_run: bool = False) -> dict[str, Any]:
    """Gathers statistics of the partitioned tables, and names tables that need a VACUUM by their owner (``dead_rows``)."""
    with store.connection("refresh statistics") as connection:
        gathered = 0 if dry_run else int(_one(connection, store.statement("retention/refresh_statistics"), {}))
        hints = _rows(connection, store.statement("retention/hints"), {})
    return {"tables": gathered} | ({"dead_rows": {row["name"]: row["dead"] for row in hints}} if hints else {})


def _drop(store: Store, month: Month) -> str:
    """Drops a month; returns why not, empty when it is gone."""
    with store.connection(f"drop {month.name}") as connection:
        try:
            connection.execute(store.statement("retention/drop_month"), {"table": month.table, "month": month.month})
        except psycopg.errors.ObjectNotInPrerequisiteState as error:
            connection.rollback()
            return str(error.diag.message_primary).removeprefix("drop_month: ")
    return ""


def _forget(store: Store, statement: str, values: dict[str, Any]) -> int:
    with store.connection("forget what is past its time") as connection:
        return int(_one(connection, statement, values))


def _batches(store: Store, name: str, before: datetime) -> Iterator[int]:
    while True:
        with store.connection(f"delete old rows of {name}") as connection:
            gone = connection.execute(store.statement(f"retention/delete_{name}"), {"before": before, "batch": _BATCH}).rowcount
        yield gone
        if gone < _BATCH:
            return


def _patiently(piece: Callable[[], T], sleep: Callable[[float], None]) -> T:
    """Gives way to whoever holds a lock, and comes back."""
    for _ in range(_TRIES - 1):
        try:
            return piece()
        except StoreBusy:
            sleep(_PAUSE_S)
    return piece()


def _months(store: Store, connection: psycopg.Connection, table: str) -> list[Month]:
    return [Month(table=table, **row) for row in _rows(connection, store.statement("retention/months"), {"table": table})]


def _count(connection: psycopg.Connection, month: Month) -> int:
    statement = sql.SQL("SELECT count(*) FROM {} WHERE window_start >= %s AND window_start < %s").format(
        sql.Identifier("ailog_peak", month.table)
    )
    row = connection.execute(statement, (datetime(month.month.year, month.month.month, 1, tzinfo=UTC), _end(month.month))).fetchone()
    return int(row[0]) if row else 0


def _end(month: date) -> datetime:
    following = (month.replace(day=1) + timedelta(days=32)).replace(day=1)
    return datetime(following.year, following.month, 1, tzinfo=UTC)


def _midnight(moment: datetime) -> datetime:
    return moment.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)


def _rows(connection: psycopg.Connection, statement: str, values: dict[str, Any]) -> list[dict[str, Any]]:
    with connection.cursor(row_factory=dict_row) as cursor:
        return cursor.execute(statement, values).fetchall()


def _one(connection: psycopg.Connection, statement: str, values: dict[str, Any]) -> Any:
    row = connection.execute(statement, values).fetchone()
    if row is None:
        raise AilogError("a statement of retention gave no row: this is a defect")
    return row[0]

"""Rolls complete days up: counts by day that are kept for ever, and by which counts of windows may go.

A day is rolled up from its facts in one transaction, and again when the ledger of the day changed: a later final word, an hour that was
late. Before that ledger and facts are compared window by window, and afterwards the sums of both; a day that does not add up is left as
it is, told, and never dropped. A roll-up is never replaced by facts that hold less.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from typing import Any, Final

import psycopg
from psycopg.rows import dict_row

from ailog.errors import PermanentError, StoreBusy
from ailog.ports import Store
from ailog.settings import Settings

WINDOWS_A_DAY: Final = 96
_DAY: Final = timedelta(days=1)


@contextmanager
def alone(store: Store) -> Iterator[None]:
    """No other maintenance is at work in the block; raises StoreBusy when one is."""
    with store.connection("begin maintenance") as connection:
        row = connection.execute("SELECT pg_try_advisory_xact_lock(hashtextextended('ailog.maintenance', 0))").fetchone()
        if row is None or not row[0]:
            raise StoreBusy("another maintenance, backup or restore is at work: let it end, then repeat this one")
        yield


def roll_up(store: Store, settings: Settings, now: datetime, *, dry_run: bool = False) -> dict[str, Any]:
    """Rolls up every day that is due; each is a transaction of its own, so that a repetition goes on where this one was.

    A day is due when it is over and has all of its windows, or when it is so old (``limits.lookback_hours``) that no regular run makes up
    for missing ones: then it is marked incomplete by its number of windows.

    Returns:
        days (rolled up now), incomplete (of these), refused (days whose facts hold less than their roll-up, which stays), uneven (days
        whose facts do not add up to the ledger: not rolled up). The last two list dates. A dry run: ``due`` and ``incomplete``.
    """
    today = now.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    values = {"today": today, "settled": today - timedelta(hours=settings.limits.lookback_hours)}
    with store.connection("look for days to roll up") as connection:
        due = _rows(connection, store.statement("rollup/days"), values)
    if dry_run:
        return {"due": len(due), "incomplete": sum(row["complete"] < WINDOWS_A_DAY for row in due)}
    found: dict[str, list[str]] = {"rolled": [], "incomplete": [], "refused": [], "uneven": [], "empty": []}
    with alone(store):
        for row in due:
            outcome = roll_day(store, row["date"], now)
            found[outcome].append(str(row["date"]))
            if outcome == "rolled" and row["complete"] < WINDOWS_A_DAY:
                found["incomplete"].append(str(row["date"]))
    return {
        "days": len(found["rolled"]),
        "incomplete": len(found["incomplete"]),
        **{name: found[name] for name in ("refused", "uneven") if found[name]},
    }


def roll_day(store: Store, day: date, now: datetime) -> str:
    """Rolls one day up from its facts.

    Returns:
        ``rolled``, ``refused`` (it would lose by it), ``uneven`` (facts and ledger differ) or ``empty`` (nothing was read).

    Raises:
        PermanentError: the sums of the roll-up differ from those of the facts; nothing of it is kept.
    """
    start = datetime(day.year, day.month, day.day, tzinfo=UTC)
    values: dict[str, Any] = {"date": day, "start": start, "end": start + _DAY, "now": now}
    with store.connection(f"roll up {day}") as connection:
        # What a day holds is changed by publishing runs alone: none may come between the look, the roll-up and the comparison.
        connection.execute(store.statement("publish/lock"))
        (facts,) = _rows(connection, store.statement("rollup/day"), values)
        before = connection.execute("SELECT complete_windows FROM ailog_peak.daily_rollup_days WHERE date = %(date)s", values).fetchone()
        if before and (facts["uneven"] or facts["complete"] < before[0]):
            connection.execute(store.statement("rollup/refuse_day"), values)
            return "refused"
        if facts["uneven"]:
            return "uneven"
        if not facts["windows"]:
            return "empty"
        values |= facts
        values["source"] = "facts" if not facts["imported"] else "legacy" if facts["imported"] == facts["windows"] else "mixed"
        for name in ("put_patterns", "clear_kinds", "clear_namespaces", "put_kinds", "put_namespaces"):
            connection.execute(store.statement(f"rollup/{name}"), values)
        (sums,) = _rows(connection, store.statement("rollup/sums"), values)
        if any(sums[name] != facts[name] for name in ("error_count", "kind_count")):
            raise PermanentError(f"the roll-up of {day} holds {sums}, its facts {facts}: nothing was stored; this is a defect")
        connection.execute(store.statement("rollup/put_day"), values)
    return "rolled"


def _rows(connection: psycopg.Connection, statement: str, values: dict[str, Any]) -> list[dict[str, Any]]:
    with connection.cursor(row_factory=dict_row) as cursor:
        return cursor.execute(statement, values).fetchall()

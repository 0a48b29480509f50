"""Calendars in the store: kept by people, read by training, notices and detectors."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from typing import Any

import psycopg
from psycopg.rows import dict_row

from ailog.domain.calendar import Calendar, Entry, Kind, expiry, problems, states
from ailog.domain.calendar_forms import written
from ailog.domain.events import Interval
from ailog.errors import PermanentError
from ailog.pipeline import families
from ailog.ports import Store

PublicHolidays = Callable[[Collection[int]], Sequence[Entry]]
"""Gives the holidays of some years that are nobody's rows: those of the countries in the settings."""


def no_public_holidays(_years: Collection[int]) -> Sequence[Entry]:
    """For those who need none."""
    return ()


def load(
    store: Store,
    connection: psycopg.Connection,
    *,
    kinds: Collection[Kind] | None = None,
    public: PublicHolidays = no_public_holidays,
    span: Interval | None = None,
) -> Calendar:
    """The entries that count, with the public holidays of the years that ``span`` touches."""
    rows = _entries(store, connection, kinds)
    years = range(span.start.year - 1, span.end.year + 2) if span else ()
    return Calendar((*rows, *(public(years) if years else ())))


def add(store: Store, entry: Entry, *, actor: str, now: datetime) -> None:
    """Keeps a new entry.

    Raises:
        PermanentError: with everything that is wrong with it, or when its id is taken; nothing is written.
    """
    with store.connection("add to the calendar") as connection:
        found = connection.execute(store.statement("calendar/find_entry"), {"entry_id": entry.entry_id}).fetchone()
        if found and found[0]:
            raise PermanentError(f"the calendar has an entry {entry.entry_id!r} already: give another id, or remove that one first")
        _put(store, connection, entry, actor=actor, now=now, action="calendar add")


def take_over(store: Store, entries: Iterable[Entry], *, actor: str, now: datetime) -> dict[str, int]:
    """Keeps entries of a file, all or none; those that say the same already are left alone. Returns added, changed, unchanged.

    Raises:
        PermanentError: for an entry that is wrong, or an id that stands twice for different entries.
    """
    given: dict[str, Entry] = {}
    for entry in entries:
        if given.setdefault(entry.entry_id, entry) != entry:
            raise PermanentError(f"the id {entry.entry_id!r} stands twice, for different entries: nothing was imported")
    counts = {"added": 0, "changed": 0, "unchanged": 0}
    with store.connection("import a calendar") as connection:
        for entry in given.values():
            counts[_put(store, connection, entry, actor=actor, now=now, action="calendar import")] += 1
    return counts


def remove(store: Store, entry_id: str, *, actor: str, now: datetime) -> None:
    """Takes an entry out, for the past too; raises PermanentError when there is none."""
    with store.connection("remove from the calendar") as connection:
        values = {"entry_id": entry_id, "now": now, "actor": actor}
        if connection.execute(store.statement("calendar/remove_entry"), values).rowcount == 0:
            raise PermanentError(f"the calendar has no entry {entry_id!r}: 'ailog calendar list' names them")
        families.audit(store, connection, actor=actor, action="calendar remove", subject=entry_id, detail={})


def listed(store: Store, now: datetime, *, kind: Kind | None = None, within: timedelta = timedelta(days=14)) -> list[dict[str, Any]]:
    """Every entry as it is written, with ``ends`` (None: never) and its ``state``: active, future, expiring within this time, expired."""
    with store.connection("list the calendar") as connection:
        entries = _entries(store, connection, [kind] if kind else None)
    state = states(entries, now, within)
    return [{**written(entry), "ends": expiry(entry), "state": state[entry.entry_id]} for entry in entries]


def expiring(store: Store, now: datetime, *, within: timedelta = timedelta(days=14)) -> list[dict[str, Any]]:
    """Recurring entries that have expired, or will soon: each is a question to its owner. What happens once just ends."""
    return [row for row in listed(store, now, within=within) if row["weekdays"] and row["state"] in {"expired", "expiring"}]


def _entries(store: Store, connection: psycopg.Connection, kinds: Collection[str] | None) -> list[Entry]:
    with connection.cursor(row_factory=dict_row) as cursor:
        rows = cursor.execute(store.statement("calendar/entries"), {"kinds": list(kinds) if kinds is not None else None}).fetchall()
    return [Entry(**{name: _plain(value) for name, value in row.items()}) for row in rows]


def _plain(value: Any) -> Any:
    if isinstance(value, list):
        return tuple(value)
    return value.astimezone(UTC) if isinstance(value, datetime) else value


def _put(store: Store, connection: psycopg.Connection, entry: Entry, *, actor: str, now: datetime, action: str) -> str:
    if wrong := problems(entry):
        raise PermanentError(f"{entry.entry_id}: " + "; ".join(wrong))
    values = {**asdict(entry), "namespaces": list(entry.namespaces), "weekdays": list(entry.weekdays), "now": now, "actor": actor}
    row = connection.execute(store.statement("calendar/put_entry"), values).fetchone()
    if row is None:
        return "unchanged"
    detail = {name: value for name, value in written(entry).items() if value is not None and name != "id"}
    families.audit(store, connection, actor=actor, action=action, subject=entry.entry_id, detail=detail)
    return "added" if row[0] else "changed"

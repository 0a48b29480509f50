"""Notices late events in the hour: counts what the sources hold of windows that were read, and compares with what they held then."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Protocol, runtime_checkable

import pyarrow as pa

from ailog.domain.events import WINDOW, Interval
from ailog.domain.wording import counted, listing
from ailog.errors import AilogError
from ailog.ports import LogSource, Store
from ailog.settings import Settings

log = logging.getLogger(__name__)

Opener = Callable[[str], AbstractContextManager[LogSource]]
_NAMED = 4


@runtime_checkable
class Marked(Protocol):
    """A source that can say cheaply whether anything of it changed."""

    def mark(self) -> str:
        """The same text as long as it holds the same records."""


@dataclass(frozen=True, slots=True)
class Late:
    """Windows that hold more than was read, oldest first, and what a person should know."""

    windows: tuple[datetime, ...] = ()
    warnings: tuple[str, ...] = ()


def look(store: Store, settings: Settings, names: Sequence[str], opened: Opener, *, end: datetime, dry_run: bool) -> Late:
    """Asks every source once for its counts of the ``late.hours`` before ``end`` and compares them with the ledger, window by window.

    Only windows with a complete and provisional reading are compared: the others are read anyway, or have their final word. A window that
    holds fewer events than were read is told and left as it is. A source that does not answer is told as well: its late events are seen
    by a later run, or by the backfill.
    """
    if settings.late.hours == 0:
        return Late()
    start = end - timedelta(hours=settings.late.hours)
    with store.connection("read what the sources held") as connection:
        rows = connection.execute(store.statement("late/window_sources"), {"start": start, "end": end}).fetchall()
        marks: dict[str, str] = dict(connection.execute(store.statement("late/marks")).fetchall())
    read: dict[str, dict[datetime, int]] = {}
    for source, window, expected in rows:
        read.setdefault(str(source), {})[window.astimezone(UTC)] = int(expected)
    grown: dict[datetime, int] = {}
    warnings: list[str] = []
    unchanged: dict[str, str] = {}
    for name in names:
        if name not in read:
            continue
        try:
            with opened(name) as source:
                mark = source.mark() if isinstance(source, Marked) else None
                if mark is not None and marks.get(name) == mark:
                    continue
                held = _held(source.count(Interval(min(read[name]), max(read[name]) + WINDOW)))
        except AilogError as error:
            warnings.append(f"late events of {name} could not be looked for: {error}")
            continue
        more, fewer = _compared(read[name], held)
        for window, count in more.items():
            grown[window] = grown.get(window, 0) + count
        if fewer:
            warnings.append(_shrunk(name, fewer, read[name]))
        elif not more and mark is not None:
            unchanged[name] = mark
    if unchanged and not dry_run:
        with store.connection("note what the sources hold") as connection:
            for name, mark in unchanged.items():
                connection.execute(store.statement("late/put_mark"), {"source": name, "mark": mark})
    return _bounded(grown, warnings, settings.late.max_windows)


def _held(counts: pa.Table) -> dict[datetime, int]:
    found: dict[datetime, int] = {}
    for window, errors in zip(counts["window_start"].to_pylist(), counts["errors"].to_pylist(), strict=True):
        start = window.astimezone(UTC)
        found[start] = found.get(start, 0) + int(errors)
    return found


def _compared(read: dict[datetime, int], held: dict[datetime, int]) -> tuple[dict[datetime, int], dict[datetime, int]]:
    """By how much windows grew and shrank, oldest first."""
    changes = {window: held.get(window, 0) - expected for window, expected in sorted(read.items())}
    return {w: c for w, c in changes.items() if c > 0}, {w: -c for w, c in changes.items() if c < 0}


def _shrunk(name: str, fewer: dict[datetime, int], read: dict[datetime, int]) -> str:
    said = listing([(f"{window:%Y-%m-%d %H:%M}", count) for window, count in fewer.items()], _NAMED)
    of = sum(read[window] for window in fewer)
    return f"{name} holds fewer events than were read ({counted(of, 'event')}); what was counted stays. Fewer by window (UTC): {said}"


def _bounded(grown: dict[datetime, int], warnings: list[str], most: int) -> Late:
    windows = sorted(grown)
    if windows:
        log.info("late events: %s", listing([(f"{window:%Y-%m-%d %H:%M}", grown[window]) for window in windows], len(windows)))
    if len(windows) > most:
        warnings.append(f"late events came in {len(windows)} windows; {most} are read again now, the others by the next run")
    return Late(tuple(windows[:most]), tuple(warnings))

"""Calendars as data: maintenance windows, holidays and batch slots, and which windows of which namespaces lie in them.

An entry is said in local time and reckoned in UTC. A window counts as covered when any part of it lies in an occurrence. Clock changes
have one rule: an occurrence runs from the first moment of its local start to the last moment of its local end, and never shorter than
its stated width. So a slot in the hour that autumn repeats covers both of them, and one in the hour that spring skips takes the hour after.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from fnmatch import fnmatchcase
from typing import Final, Literal, get_args
from zoneinfo import ZoneInfo

import numpy as np
import numpy.typing as npt
import pandas as pd

from ailog.domain.events import WINDOW, Interval

Kind = Literal["maintenance", "holiday", "batch"]
KINDS: Final[tuple[Kind, ...]] = get_args(Kind)
SLOT_SECONDS: Final = int(WINDOW.total_seconds())
_DAY: Final = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry of a calendar; which fields it has depends on its kind and on whether it recurs.

    maintenance once: ``starts_at`` and ``ends_at``; maintenance weekly and batch: ``weekdays`` (0 is Monday), ``local_time``, ``minutes``;
    holiday: ``day`` and the name of its ``calendar``. It holds from ``valid_from`` until ``expires_at`` (None: no bound): what is expired
    still explains the windows before.
    """

    entry_id: str
    kind: Kind
    owner: str
    reason: str
    namespaces: tuple[str, ...] = ("*",)
    timezone: str = "UTC"
    starts_at: datetime | None = None
    ends_at: datetime | None = None
    weekdays: tuple[int, ...] = ()
    local_time: time | None = None
    minutes: int | None = None
    day: date | None = None
    calendar: str | None = None
    valid_from: datetime | None = None
    expires_at: datetime | None = None

    def covers(self, namespace: str) -> bool:
        """Whether the entry speaks of a namespace."""
        return any(fnmatchcase(namespace, pattern) for pattern in self.namespaces)


def instants(wall: datetime, zone: ZoneInfo) -> tuple[datetime, datetime]:
    """The first and the last moment, in UTC, at which the clocks of a zone show a local time; the same moment unless it is repeated.

    A local time that the clocks skip gives the moment of the change, twice.
    """
    first, last = (wall.replace(tzinfo=zone, fold=fold).astimezone(UTC) for fold in (0, 1))
    if first <= last:
        return first, last
    # The zone's offset before the change places a skipped time after it, and the other way round: the change lies between.
    low, high = last, first
    before = low.astimezone(zone).utcoffset()
    while high - low > timedelta(seconds=1):
        middle = low + (high - low) // 2
        low, high = (middle, high) if middle.astimezone(zone).utcoffset() == before else (low, middle)
    change = high.replace(microsecond=0)
    return change, change


def occurrences(entry: Entry, span: Interval) -> list[Interval]:
    """The stretches of time, in UTC, that the entry covers and that touch the span; oldest first, as far as the entry is valid."""
    found = []
    for start, end in _stretches(entry, span):
        start = max(start, entry.valid_from or start)  # noqa: PLW2901 - the part that the entry is valid for
        end = min(end, entry.expires_at or end)  # noqa: PLW2901
        if start < end and start < span.end and end > span.start:
            found.append(Interval(start, end))
    return sorted(found)


def _stretches(entry: Entry, span: Interval) -> Iterable[tuple[datetime, datetime]]:
    zone = ZoneInfo(entry.timezone)
    if entry.starts_at and entry.ends_at:
        yield entry.starts_at, entry.ends_at
    elif entry.day:
        midnight = datetime.combine(entry.day, time())
        yield instants(midnight, zone)[0], instants(midnight + _DAY, zone)[0]
    elif entry.local_time is not None and entry.minutes:
        width = timedelta(minutes=entry.minutes)
        day = (span.start.astimezone(zone) - width).date() - _DAY
        last = span.end.astimezone(zone).date()
        while day <= last:
            if day.weekday() in entry.weekdays:
                wall = datetime.combine(day, entry.local_time)
                start = instants(wall, zone)[0]
                yield start, max(start + width, instants(wall + width, zone)[1])
            day += _DAY


@dataclass(frozen=True, slots=True)
class Calendar:
    """Entries of all kinds, ready to be asked about many windows."""

    entries: tuple[Entry, ...]
    _known: dict[tuple[Entry, int, int], npt.NDArray[np.int64]] = field(default_factory=dict, compare=False, repr=False)

    def covered(self, kind: Kind, namespace: str, slots: npt.NDArray[np.int64]) -> npt.NDArray[np.bool_]:
        """Which of these windows of a namespace lie in an entry of this kind.

        Args:
            kind: of entries.
            namespace: its name.
            slots: starts of windows in quarter hours since the epoch, ascending.
        """
        mask = np.zeros(len(slots), dtype=bool)
        for entry in self.entries:
            if len(slots) and entry.kind == kind and entry.covers(namespace):
                for low, high in np.searchsorted(slots, self._slots(entry, int(slots[0]), int(slots[-1]))):
                    mask[low:high] = True
        return mask

    def marks(self, windows: pd.DataFrame) -> pd.DataFrame:
        """Which entries cover which windows.

        Args:
            windows: window_start (UTC), namespace; one row per window asked about.

        Returns:
            window_start, namespace, kind, entry_id; one row per window and entry that covers it, sorted.
        """
        parts = []
        for name, rows in windows.groupby("namespace", sort=True)["window_start"]:
            starts = rows.drop_duplicates().sort_values()
            slots = slots_of(starts)
            for entry in self.entries:
                mask = Calendar((entry,)).covered(entry.kind, str(name), slots)
                found = starts[mask]
                parts.append(pd.DataFrame({"window_start": found, "namespace": name, "kind": entry.kind, "entry_id": entry.entry_id}))
        if not parts:
            return pd.DataFrame({"window_start": windows["window_start"].iloc[:0], "namespace": [], "kind": [], "entry_id": []})
        return pd.concat(parts).sort_values(["window_start", "namespace", "kind", "entry_id"], ignore_index=True)

    def _slots(self, entry: Entry, first: int, last: int) -> npt.NDArray[np.int64]:
        """Pairs of first slot and slot after the last, one a row; an occurrence that begins inside a window covers it whole."""
        key = (entry, first, last)
        if key not in self._known:
            span = Interval(*(datetime.fromtimestamp(slot * SLOT_SECONDS, UTC) for slot in (first, last + 1)))
            pairs = [
                (int(start.timestamp()) // SLOT_SECONDS, -(int(-end.timestamp()) // SLOT_SECONDS))
                for start, end in occurrences(entry, span)
            ]
            self._known[key] = np.array(pairs, dtype=np.int64).reshape(-1, 2)
        return self._known[key]


def slots_of(starts: pd.Series) -> npt.NDArray[np.int64]:
    """Starts of windows in quarter hours since the epoch."""
    return starts.to_numpy(dtype="datetime64[s]").astype(np.int64) // SLOT_SECONDS


def problems(entry: Entry) -> list[str]:
    """Everything that is wrong with an entry, one sentence each; empty when it can be kept."""
    wrong = [f"{name} is empty: say it" for name in ("owner", "reason") if not getattr(entry, name).strip()]
    if not entry.namespaces or not all(pattern.strip() for pattern in entry.namespaces):
        wrong.append("no namespace is given: name them, or use patterns such as pcb-*-app; * means all")
    recurs = bool(entry.weekdays) or entry.local_time is not None or entry.minutes is not None
    once = entry.starts_at is not None or entry.ends_at is not None
    if entry.kind == "holiday":
        wrong += [] if entry.day else ["a holiday needs its date, as in 2026-12-24"]
        wrong += [] if entry.calendar else ["a holiday needs the name of its calendar, such as CZ or company"]
        wrong += ["a holiday has a date alone: no from and to, no weekdays, time or minutes"] if once or recurs else []
    elif entry.day or entry.calendar:
        wrong.append(f"a date and a calendar belong to a holiday, not to {entry.kind}")
    elif once and recurs:
        wrong.append("give either from and to, or weekdays, time and minutes")
    elif entry.kind == "maintenance" and not recurs:
        if not (entry.starts_at and entry.ends_at):
            wrong.append("maintenance needs from and to, or weekdays, time and minutes")
        elif entry.starts_at >= entry.ends_at:
            wrong.append(f"from {entry.starts_at.isoformat()} is not before to {entry.ends_at.isoformat()}")
    else:
        wrong += _recurrence(entry)
    if entry.valid_from and entry.expires_at and entry.valid_from >= entry.expires_at:
        wrong.append(f"valid_from {entry.valid_from.isoformat()} is not before expires {entry.expires_at.isoformat()}")
    return wrong


def _recurrence(entry: Entry) -> list[str]:
    wrong = []
    if entry.starts_at or entry.ends_at:
        wrong.append(f"{entry.kind} recurs by weekdays, time and minutes: no from and to (valid_from and expires bound it)")
    if not entry.weekdays or not all(0 <= day <= 6 for day in entry.weekdays):
        wrong.append("weekdays are missing: such as mon-fri or sat,sun")
    if entry.local_time is None:
        wrong.append("time is missing: the local start, such as 02:30")
    if entry.minutes is None or not 1 <= entry.minutes <= 7 * 24 * 60:
        wrong.append("minutes is missing or out of range: the width, from 1 to 10080")
    if entry.kind == "maintenance" and entry.expires_at is None:
        wrong.append("maintenance that recurs needs expires: it keeps messages back, so somebody has to confirm it now and then")
    return wrong


def expiry(entry: Entry) -> datetime | None:
    """When the entry stops to hold: its expiry, or the end of what happens once; None when it has no end."""
    if entry.ends_at:
        return min(entry.ends_at, entry.expires_at or entry.ends_at)
    if entry.day:
        end = instants(datetime.combine(entry.day, time()) + _DAY, ZoneInfo(entry.timezone))[0]
        return min(end, entry.expires_at or end)
    return entry.expires_at


def states(entries: Sequence[Entry], now: datetime, within: timedelta) -> dict[str, str]:
    """By id: ``expired``, ``expiring`` (within this time), ``future`` (not begun) or ``active``."""
    found = {}
    for entry in entries:
        end = expiry(entry)
        begin = entry.starts_at or entry.valid_from
        if end is not None and end <= now:
            found[entry.entry_id] = "expired"
        elif end is not None and end <= now + within and not (entry.starts_at or entry.day):
            found[entry.entry_id] = "expiring"
        else:
            found[entry.entry_id] = "future" if begin and begin > now else "active"
    return found

"""Norms in the store: each local day is learned from the days before it once, and what was judged of a day is remembered.

A window is judged from the stored norm of its day and the counts of the day so far: no 56 days are read for it, and one that is judged
again has the same verdict. A run with the final word makes its norms from days with theirs, so that nothing in it depends on what was
missing or late when the days were first read.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd
import psycopg

from ailog.domain.calendar import Calendar, instants
from ailog.domain.detectors.judged import NAMESPACE
from ailog.domain.detectors.levels import COLUMNS, level_rows
from ailog.domain.norms.fit import MEMORY_DAYS
from ailog.domain.norms.grid import SLOTS, Grid, local
from ailog.domain.norms.history import Memory, lead
from ailog.domain.norms.packing import Record, Today, last_day, memory_of, pack, todays, unpack
from ailog.domain.norms.walk import State
from ailog.pipeline import frames
from ailog.ports import Store
from ailog.settings import Settings

Series = tuple[str, str]
"""A namespace, and whose counts of it: ``NAMESPACE`` for all, else the key of a problem or a fingerprint."""

_DAY: Final = timedelta(days=1)
_AT_ONCE: Final = 250
"""Namespaces whose days are in memory together."""


@dataclass(frozen=True)
class Ground:
    """What norms are made from and for: the run whose staged windows stand for the stored ones, and whether its word is final."""

    run_no: int = -1
    windows: tuple[datetime, ...] = ()
    final: bool = False
    save: bool = True
    holidays: frozenset[date] = frozenset()


def ground(known: Calendar, *, run_no: int, windows: Sequence[datetime], final: bool, save: bool) -> Ground:
    """For a run. Holidays are those of the calendar that speak of all namespaces."""
    return Ground(run_no, tuple(windows), final, save, holidays_of(known))


def holidays_of(known: Calendar) -> frozenset[date]:
    """The local dates that are holidays everywhere."""
    return frozenset(entry.day for entry in known.entries if entry.kind == "holiday" and entry.day is not None and "*" in entry.namespaces)


def levels(
    store: Store, settings: Settings, connection: psycopg.Connection, made_of: Ground, windows: Sequence[datetime], names: Sequence[str]
) -> pd.DataFrame:
    """``levels.COLUMNS`` and ``subject`` of windows, oldest first: how unusual each count is by the norm of its day.

    Judged are the totals of the namespaces of these names, and their followed problems.
    """
    zone = ZoneInfo(settings.timezone)
    by_day: dict[date, list[datetime]] = {}
    for window in windows:
        by_day.setdefault(window.astimezone(zone).date(), []).append(window)
    parts = []
    for day, wanted in sorted(by_day.items()):
        series = [(name, NAMESPACE) for name in names] + watched(store, settings, connection, made_of, day, names)
        for one in groups(store, settings, connection, made_of, day, series):
            today, state = one.norm_of(day)
            rows = one.judged(day, today, state, wanted)
            rows[["namespace", "subject"]] = rows["namespace"].str.split("\n", n=1, expand=True)
            parts.append(rows)
    return pd.concat(parts, ignore_index=True) if parts else pd.DataFrame(columns=[*COLUMNS, "subject"])


def remember(store: Store, settings: Settings, connection: psycopg.Connection, made_of: Ground, day: date, names: Sequence[str]) -> None:
    """Judges and remembers all days before a local day that are not yet, as far as there are counts of these namespaces in them."""
    series = [(name, NAMESPACE) for name in names] + watched(store, settings, connection, made_of, day, names)
    for one in groups(store, settings, connection, made_of, day, series):
        one.advance(day)


def scores(store: Store, connection: psycopg.Connection, first: date, last: date) -> np.ndarray:
    """(namespaces, days * 96): the highest that any series of a namespace scored in each window of the remembered days; NaN: not judged."""
    length = (last - first).days + 1
    rows: dict[str, np.ndarray] = {}
    with connection.cursor() as cursor:
        for namespace, _, day, packed in cursor.execute(store.statement("norms/scores"), {"first": first, "last": last}):
            days = rows.setdefault(namespace, np.full((length, SLOTS), np.nan))
            days[(day - first).days] = np.fmax(days[(day - first).days], np.frombuffer(packed, "<f8"))
    return np.stack([rows[name].ravel() for name in sorted(rows)]) if rows else np.empty((0, length * SLOTS))


def watched(
    store: Store, settings: Settings, connection: psycopg.Connection, made_of: Ground, day: date, namespaces: Sequence[str]
) -> list[Series]:
    """The problems and kinds of some namespaces that are followed as series of their own on a day: chosen once, by the first run."""
    values: dict[str, Any] = {"day": day, "namespaces": list(namespaces)}
    followed = connection.execute(store.statement("norms/followed"), values).fetchall() if not made_of.final else []
    if not followed:
        # Not from the day before: its final word may still come, and the choice must not depend on when it did.
        end = instants(datetime.combine(day - _DAY, time()), ZoneInfo(settings.timezone))[0]
        rules = settings.detectors.problems
        values |= {"start": end - rules.days * _DAY, "end": end, "top": rules.top, "min_windows": rules.min_windows}
        followed = connection.execute(store.statement("norms/watched"), values).fetchall()
    return [(str(namespace), str(subject)) for namespace, subject in followed]


def groups(
    store: Store, settings: Settings, connection: psycopg.Connection, made_of: Ground, day: date, names: Sequence[Series]
) -> Iterator[Days]:
    """Series that are remembered up to the same day, some at once: those that are new are led through their days apart."""
    first = day - MEMORY_DAYS * _DAY
    # A final run lives through the days of its own windows anew: what was remembered of them may be an earlier word.
    zone = ZoneInfo(settings.timezone)
    before = min([day, *(window.astimezone(zone).date() for window in made_of.windows[:1] if made_of.final)])
    values = {**_bound(names), "first": first, "day": before, "final": made_of.final}
    known = {(n, s): last for n, s, last in connection.execute(store.statement("norms/remembered"), values)}
    by_last: dict[date, list[Series]] = {}
    for name in names:
        by_last.setdefault(known.get(name, date.min), []).append(name)
    for last, group in sorted(by_last.items()):
        for begin in range(0, len(group), _AT_ONCE):
            yield Days(store, settings, connection, made_of, group[begin : begin + _AT_ONCE], None if last == date.min else last)


def _bound(names: Sequence[Series]) -> dict[str, Any]:
    return {"namespaces": [namespace for namespace, _ in names], "subjects": [subject for _, subject in names]}


class Days:
    """The days of some series in the store, all remembered up to the same one."""

    def __init__(
        self, store: Store, settings: Settings, connection: psycopg.Connection, made_of: Ground, names: list[Series], last: date | None
    ) -> None:
        self.store, self.connection, self.made_of, self.names, self.last = store, connection, made_of, names, last
        self.zone = ZoneInfo(settings.timezone)
        self.common = {**_bound(names), "final": made_of.final, "run_no": made_of.run_no, "windows": list(made_of.windows)}

    def norm_of(self, day: date) -> tuple[Today | None, State]:
        """The norm of a day, stored or made now, and the state that the day begins with."""
        if not self.made_of.final:
            stored = self._stored(day)
            if stored is not None:
                return stored, self._state(day - _DAY)
        memory, state = self.advance(day)
        today = todays(memory, self.kind(day), self.offset(day))
        if today is not None and self.made_of.save:
            self._put("norms/put_norms", day, norms=pack(today))
        return today, state

    def advance(self, day: date) -> tuple[Memory, State]:
        """Memory and state at the start of a day; the days before it that were not remembered are judged and remembered first."""
        if self.last is None:
            first = self._start(day - MEMORY_DAYS * _DAY)
            start = self.connection.execute(self.store.statement("norms/first_window"), {"start": first}).fetchone()
            # Windows that the run reads itself count like stored ones: read again, they are there already.
            first_windows = [window for window in (start[0] if start else None, *self.made_of.windows[:1]) if window is not None]
            begin = min([day, *(window.astimezone(self.zone).date() for window in first_windows)])
            memory, state = Memory.none(len(self.names)), State.new(len(self.names))
        else:
            begin = self.last + _DAY
            memory, state = self._memory(self.last), self._state(self.last)
        while begin < day:
            self.live_through(begin, memory, state)
            begin += _DAY
        return memory, state

    def judged(self, day: date, today: Today | None, state: State, wanted: Sequence[datetime]) -> pd.DataFrame:
        """The windows of a day that are wanted, each after those of the day before it."""
        grid, _ = self._grid(day, max(wanted) + timedelta(minutes=15))
        return level_rows(grid, today, state, wanted)

    def live_through(self, day: date, memory: Memory, state: State) -> None:
        """Judges a day whole, carrying memory and state on in place, and remembers it."""
        grid, complete = self._grid(day, self._start(day + _DAY))
        grid.counts[~complete] = np.nan
        course = lead(grid, memory, state)
        scored = np.full((len(self.names), SLOTS), np.nan)
        scored[:, grid.slot] = np.where(course.judged, course.seen.score, np.nan)
        if self.made_of.save:
            packed = {"records": pack(last_day(memory)), "scores": [row.astype("<f8").tobytes() for row in scored], "states": pack(state)}
            self._put("norms/put_days", day, **packed)

    def _grid(self, day: date, end: datetime) -> tuple[Grid, np.ndarray]:
        """Counts of a day up to a moment, and which of them are of windows that were read whole."""
        start = self._start(day)
        values = {**self.common, "start": start, "end": end}
        rows = frames.read(self.store, self.connection, "norms/counts", values)
        length = int((end - start).total_seconds()) // 900
        namespaces = pd.Index(sorted({namespace for namespace, _ in self.names}))
        totals, whole = np.full((len(namespaces), length), np.nan), np.zeros((len(namespaces), length), bool)
        place = namespaces.get_indexer(pd.Index(rows["namespace"]))
        at = ((rows["window_start"] - pd.Timestamp(start)) // pd.Timedelta(minutes=15)).to_numpy(int)
        totals[place, at] = rows["count"].to_numpy(float)
        whole[place, at] = rows["complete"].to_numpy(bool)
        own = namespaces.get_indexer(pd.Index([namespace for namespace, _ in self.names]))
        counts, complete = totals[own], whole[own]
        parts = np.array([subject != NAMESPACE for _, subject in self.names])
        if parts.any():
            counts[parts] = np.where(np.isfinite(counts[parts]), 0.0, np.nan)
            rows = frames.read(self.store, self.connection, "norms/part_counts", values)
            place = pd.MultiIndex.from_tuples(self.names).get_indexer(pd.MultiIndex.from_arrays([rows["namespace"], rows["subject"]]))
            at = ((rows["window_start"] - pd.Timestamp(start)) // pd.Timedelta(minutes=15)).to_numpy(int)
            counts[place, at] = rows["count"].to_numpy(float)
        holidays = [one.toordinal() for one in self.made_of.holidays]
        names = ["\n".join(one) for one in self.names]
        return Grid(names, pd.Timestamp(start), counts, *local(pd.Timestamp(start), length, str(self.zone), holidays)), complete

    def _memory(self, last: date) -> Memory:
        first = last - (MEMORY_DAYS - 1) * _DAY
        by_day: dict[date, dict[Series, bytes]] = {}
        for day, namespace, subject, record in self._rows("norms/days", first=first, last=last):
            by_day.setdefault(day, {})[namespace, subject] = record
        if not by_day:
            return Memory.none(len(self.names))
        days = [min(by_day) + i * _DAY for i in range((last - min(by_day)).days + 1)]
        like = Record.unread(1)
        records = [unpack([by_day.get(day, {}).get(name) for name in self.names], like)[0] for day in days]
        kinds, offsets = (np.array([of(day) for day in days], np.int64) for of in (self.kind, self.offset))
        return memory_of(records, kinds, offsets, len(self.names))

    def _state(self, day: date) -> State:
        rows = {(namespace, subject): packed for namespace, subject, packed in self._rows("norms/states", day=day)}
        fresh = State.new(len(self.names))
        found, known = unpack([rows.get(name) for name in self.names], State.new(1))
        return _chosen(found, fresh, known)

    def _stored(self, day: date) -> Today | None:
        rows = {(namespace, subject): packed for namespace, subject, packed in self._rows("norms/norms", day=day)}
        if not rows:
            return None
        found, known = unpack([rows.get(name) for name in self.names], _like())
        found.days[~known] = 0.0
        return found

    def _rows(self, name: str, **values: Any) -> Iterator[tuple[Any, ...]]:
        yield from self.connection.execute(self.store.statement(name), {**self.common, **values})

    def _put(self, name: str, day: date, **packed: list[bytes]) -> None:
        self.connection.execute(self.store.statement(name), {**self.common, "day": day, **packed})

    def kind(self, day: date) -> int:
        """The weekday whose profile is used; a holiday is a Sunday."""
        return 6 if day in self.made_of.holidays else day.weekday()

    def offset(self, day: date) -> int:
        """As ``Grid.offset``: the clock at the end of the day."""
        ahead = (self._start(day + _DAY) - timedelta(minutes=15)).astimezone(self.zone).utcoffset()
        return int((ahead or timedelta()).total_seconds()) // 900

    def _start(self, day: date) -> datetime:
        return instants(datetime.combine(day, time()), self.zone)[0].astimezone(UTC)


def _like() -> Today:
    """A norm of no matter what, to know the shape of one."""
    day = Record.unread(1)
    nothing = np.zeros(1, np.int64)
    memory = memory_of([Record(np.ones_like(day.counts), day.flagged, day.sum_count, day.sum_mean)], nothing, nothing, 1)
    like = todays(memory, 0, 0)
    assert like is not None  # noqa: S101 - a memory of one day has a norm
    return like


def _chosen(found: State, fresh: State, known: np.ndarray) -> State:
    """The states that are known, fresh ones for the others."""
    for one, other in ((found, fresh), (found.shift, fresh.shift)):
        for name, value in vars(one).items():
            if isinstance(value, np.ndarray):
                value[~known] = getattr(other, name)[~known]
    return found

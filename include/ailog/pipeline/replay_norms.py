"""How unusual the windows of past days were, by what is remembered of them.

Norms do not depend on what an operator usually tries out, and each day is remembered with what its windows scored. So of a remembered day
only the series are led through it again in which a window could matter, from the norm that the store has or remakes from its memory.
Series of which a day is not remembered are led through it whole, and what they carry goes from day to day here, not from scratch.
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Final
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd
import psycopg

from ailog.domain.calendar import instants
from ailog.domain.detectors.judged import NAMESPACE
from ailog.domain.detectors.levels import FIGURES
from ailog.domain.events import Interval
from ailog.domain.norms.history import FIRST_DAYS, Memory
from ailog.domain.norms.packing import Today, todays
from ailog.domain.norms.walk import State
from ailog.pipeline.norms import Days, Ground, Series, groups
from ailog.ports import Store
from ailog.settings import Settings

_DAY: Final = timedelta(days=1)
_EPOCH: Final = date(1970, 1, 1)
_SLACK: Final = 0.9
"""A day is looked at when its remembered scores come so near to what matters: they may be of an earlier word on its counts."""


@dataclass
class _Led:
    """Series that are led through days which nobody remembers, with what they carry into ``day``."""

    days: Days
    memory: Memory
    state: State
    day: date

    def advance(self, day: date) -> None:
        while self.day < day:
            self.days.live_through(self.day, self.memory, self.state)
            self.day += _DAY


class Levels:
    """``levels.COLUMNS`` and ``subject`` of windows, day by day in their order, as far as a window could be an alarm."""

    def __init__(
        self,
        store: Store,
        settings: Settings,
        connection: psycopg.Connection,
        *,
        holidays: frozenset[date],
        least: float,
        until: datetime,
        first_seen: Mapping[str, date],
        in_part: Collection[date],
        part_days: Callable[[int], pd.DataFrame],
    ) -> None:
        """``least``: scores up to it are of no use; ``first_seen``: of namespaces, as far as counts go back; ``in_part``: local days with
        windows that were not read whole, of which nothing is remembered; ``part_days`` gives, from so many days before the first on, by
        day (since the epoch), namespace, problem_key and subject (that key, or a fingerprint of it) the events (count) and windows.
        """
        self.store, self.settings, self.connection, self.least, self.until = store, settings, connection, least, until
        self.zone = ZoneInfo(settings.timezone)
        self.first_seen, self.in_part = first_seen, in_part
        self._ask_part_days, self._part_days = part_days, pd.DataFrame()
        self.made_of = Ground(final=False, save=False, holidays=holidays)
        self._led: list[_Led] = []
        self._done: dict[date, pd.DataFrame] = {}

    def of(self, windows: Sequence[datetime]) -> pd.DataFrame:
        """The rows of every series and window that scored above ``least``, after which a new level was accepted, or without a norm."""
        wanted = {window.astimezone(self.zone).date() for window in windows}
        self._done = {day: rows for day, rows in self._done.items() if day >= min(wanted)}
        for day in sorted(wanted - set(self._done)):
            self._done[day] = self._day(day)
        rows = pd.concat([self._done[day] for day in sorted(wanted)], ignore_index=True)
        found = (rows["window_start"] >= pd.Timestamp(windows[0])) & (rows["window_start"] <= pd.Timestamp(windows[-1]))
        return rows[found].reset_index(drop=True)

    def _day(self, day: date) -> pd.DataFrame:
        names = [name for name, first in sorted(self.first_seen.items()) if first <= day]
        old = [name for name in names if (day - self.first_seen[name]).days >= FIRST_DAYS]
        remembered = self._remembered(day, names)
        young = {name for name in names if name not in set(old) and (name, NAMESPACE) not in remembered}
        young |= {name for (name, subject), score in remembered.items() if subject == NAMESPACE and np.isnan(score)}
        led = [name for name in names if name not in young]
        series = [(name, NAMESPACE) for name in led]
        series += self._followed(day, led)
        whole = day not in self.in_part
        hot = [one for one in series if one in remembered and not (whole and remembered[one] <= _SLACK * self.least)]
        parts = [self._without_norm(day, sorted(young))]
        parts += [self._rows(group, day, *group.norm_of(day)) for group in self._groups(day, hot)]
        parts += self._forgotten(day, [one for one in series if one not in remembered], {name for name, _ in remembered})
        return pd.concat(parts, ignore_index=True)

    def _followed(self, day: date, namespaces: list[str]) -> list[Series]:
        """The problems and kinds that are followed on a day: those with a norm for it; without any, as ``norms.watched`` chooses."""
        values = {"day": day, "namespaces": namespaces}
        stored = self.connection.execute(self.store.statement("norms/followed"), values).fetchall()
        if stored:
            return [(str(namespace), str(subject)) for namespace, subject in stored]
        rules = self.settings.detectors.problems
        if self._part_days.empty:
            self._part_days = self._ask_part_days(rules.days + 2)
        end = (day - _EPOCH).days - 1
        late = self._part_days[(self._part_days["day"] >= end - rules.days) & (self._part_days["day"] < end)]
        late = late[late["namespace"].isin(namespaces)]
        is_kind = late["subject"] != late["problem_key"]
        kinds = late[is_kind]
        several = kinds.groupby(["namespace", "problem_key"])["subject"].transform("nunique") > 1
        late = pd.concat([late[~is_kind].assign(grain=0), kinds[several].assign(grain=1)])
        sums = late.groupby(["namespace", "grain", "subject"], as_index=False)[["count", "windows"]].sum()
        sums = sums[sums["windows"] >= rules.min_windows]
        order = sums.sort_values(["namespace", "grain", "count", "subject"], ascending=[True, True, False, True])
        chosen = order[order.groupby(["namespace", "grain"]).cumcount() < rules.top].sort_values(["namespace", "subject"])
        return list(zip(chosen["namespace"], chosen["subject"], strict=True))

    def _forgotten(self, day: date, series: list[Series], namespaces: set[str]) -> Iterator[pd.DataFrame]:
        """Of series of which the day is not remembered, though the day before may be.

        Where it is not, a problem is followed only with its namespace: when the day is remembered of other series of the namespace, the
        problem was small in the days after it, and no run has followed it since.
        """
        carried = {name for led in self._led for name in led.days.names}
        left: list[Series] = []
        for group in self._groups(day, [one for one in series if one not in carried]):
            if group.last == day - _DAY:
                yield self._rows(group, day, *group.norm_of(day))
            else:
                left += [name for name in group.names if name[0] not in namespaces]
        self._led += [_Led(group, *group.advance(day), day) for group in self._groups(day, left)]
        wanted = set(series)
        for led in self._led:
            if wanted.intersection(led.days.names):
                led.advance(day)
                today = todays(led.memory, led.days.kind(day), led.days.offset(day))
                rows = self._rows(led.days, day, today, copy.deepcopy(led.state))
                known = pd.MultiIndex.from_frame(rows[["namespace", "subject"]]).isin(wanted)
                yield rows[known]

    def _groups(self, day: date, series: list[Series]) -> Iterator[Days]:
        return groups(self.store, self.settings, self.connection, self.made_of, day, series) if series else iter(())

    def _remembered(self, day: date, namespaces: list[str]) -> dict[Series, float]:
        """The highest score of each series of which a day is remembered; NaN where no window was judged."""
        values = {"day": day, "namespaces": namespaces}
        found: dict[Series, float] = {}
        for namespace, subject, packed in self.connection.execute(self.store.statement("replay/scores"), values):
            scores = np.frombuffer(packed, "<f8")
            found[str(namespace), str(subject)] = float(np.fmax.reduce(scores)) if len(scores) else np.nan
        return found

    def _rows(self, group: Days, day: date, today: Today | None, state: State) -> pd.DataFrame:
        rows = group.judged(day, today, state, self._windows(day))
        split = rows["namespace"].str.split("\n", n=1, expand=True)
        rows["namespace"], rows["subject"] = split[0], split[1]
        judged = rows["judged"].astype(bool)
        matter = judged & ((rows["score"] > self.least) | rows["accepted"].astype(bool))
        return rows[matter | (~judged & (rows["subject"] == NAMESPACE))]

    def _without_norm(self, day: date, namespaces: list[str]) -> pd.DataFrame:
        windows = self._windows(day)
        starts = pd.DatetimeIndex(windows * len(namespaces)).as_unit("us") if namespaces else pd.DatetimeIndex([], tz="UTC").as_unit("us")
        rows = pd.DataFrame({"window_start": starts, "namespace": np.repeat(np.array(namespaces, object), len(windows))})
        rows["judged"] = False
        return rows.assign(**dict.fromkeys(FIGURES, 0.0), subject=NAMESPACE)

    def _windows(self, day: date) -> list[datetime]:
        start, end = (instants(datetime.combine(one, time()), self.zone)[0].astimezone(UTC) for one in (day, day + _DAY))
        return Interval(start, min(end, self.until)).windows()

"""Scores verdicts on a labelled scenario event by event.

- Flags of one namespace at most two windows apart are one alarm.
- An event is found when a flag falls between its onset and its ``hit_until`` plus two windows of grace. Its delay is the number of judged
  windows from the onset to the first such flag: a window that was not read delays nobody.
- An alarm with such a flag is a hit, however long; one that otherwise touches time up to ``neutral_until`` (plus grace) of a labelled
  event or nuisance is neutral; every other is false.
- A level shift that lasts is excused up to its ``neutral_until`` alone: from there on it is the norm, an alarm that runs on into it is cut at
  that time, and what is flagged from then on is one false alarm for each of its days.

precision = found events / (found events + false alarms), recall = found events / events, both of truth alone; false alarms per day are per
day of judged windows of a namespace, missing windows left out.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt
import pandas as pd

GRACE: Final = 2
MERGE: Final = 2
_DAY: Final = 96
_STEP_US: Final = 15 * 60 * 1_000_000
_SPAN: Final = 1 << 32
FACTORS: Final = (0.0, 3.0, 5.0, 10.0, np.inf)
FACTOR_NAMES: Final = ("x2-3", "x3-5", "x5-10", "x10+")
PEAKS: Final = (0.0, 4.0, 5.0, 7.0, 10.0, 20.0, np.inf)
PEAK_NAMES: Final = ("3-4 sd", "4-5 sd", "5-7 sd", "7-10 sd", "10-20 sd", "20+ sd")

Ints = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Score:
    """What a detector reached.

    ``found``: the truth events with ``hit`` and ``delay`` (windows, NaN when missed). ``alarms``: namespace, start, end (of the last flag),
    flags, outcome (hit, neutral, false). ``days``: judged days per namespace.
    """

    found: pd.DataFrame
    alarms: pd.DataFrame
    days: pd.Series

    @property
    def events(self) -> int:
        return len(self.found)

    @property
    def hits(self) -> int:
        return int(self.found["hit"].sum())

    @property
    def false_alarms(self) -> int:
        return int((self.alarms["outcome"] == "false").sum())

    @property
    def precision(self) -> float:
        """1 when nothing was alarmed at all."""
        told = self.hits + self.false_alarms
        return self.hits / told if told else 1.0

    @property
    def recall(self) -> float:
        """1 when there was nothing to find."""
        return self.hits / self.events if self.events else 1.0

    @property
    def f1(self) -> float:
        both = self.precision + self.recall
        return 2 * self.precision * self.recall / both if both else 0.0

    @property
    def false_per_day(self) -> float:
        """False alarms per namespace and day."""
        total = float(self.days.sum())
        return self.false_alarms / total if total else 0.0

    @property
    def delay(self) -> float:
        """Mean windows from onset to the first flag, of the events found; NaN without one."""
        return float(self.found["delay"].mean())

    def by(self, column: str) -> pd.DataFrame:
        """Events, recall and mean delay by ``kind``, ``profile``, ``size`` (of the factor) or ``height`` (of the peak in deviations)."""
        groups = self.found.groupby(column, observed=True, sort=True)
        return pd.DataFrame({"events": groups.size(), "recall": groups["hit"].mean(), "delay": groups["delay"].mean()})

    def false_by_profile(self, profiles: dict[str, str]) -> pd.Series:
        """False alarms per namespace-day by profile."""
        false = self.alarms.loc[self.alarms["outcome"] == "false", "namespace"].map(profiles).value_counts()
        days = self.days.groupby(pd.Series(profiles).reindex(self.days.index)).sum()
        return (false.reindex(days.index).fillna(0) / days).rename("false_per_day")


def score(events: pd.DataFrame, verdicts: pd.DataFrame) -> Score:
    """Verdicts (namespace, window_start, flagged: one row per judged window) against the labels of ``Scenario.events``.

    Raises ValueError for verdicts that name a window twice.
    """
    names = pd.Index(pd.concat([verdicts["namespace"], events["namespace"]]).unique())
    if verdicts.duplicated(["namespace", "window_start"]).any():
        raise ValueError("the verdicts name a window of a namespace twice; give one row per namespace and window_start")
    flagged = verdicts[verdicts["flagged"].to_numpy(bool)]
    flags = np.sort(_keys(names, flagged["namespace"], flagged["window_start"]))
    start, end, hit_until, neutral_until = (
        _keys(names, events["namespace"], events[column]) for column in ("start", "end", "hit_until", "neutral_until")
    )
    truth = events["truth"].to_numpy(bool)
    judged = np.sort(_keys(names, verdicts["namespace"], verdicts["window_start"]))
    found = _found(events[truth], judged, flags, start[truth], hit_until[truth] + GRACE)
    hits = _inside(flags, start[truth], hit_until[truth] + GRACE)
    neutral = _inside(flags, start, neutral_until + np.where(neutral_until < end, 0, GRACE))
    alarms = _alarms(names, flags, hits, neutral, np.where(hits, 0, _stale(flags, neutral_until, end)))
    days = verdicts.groupby("namespace").size() / _DAY
    return Score(found, alarms, days)


def pooled(scores: Sequence[Score]) -> Score:
    """Several scenarios as one; namespaces of different scenarios get names of their own."""
    found, alarms, days = [], [], []
    for number, one in enumerate(scores):
        found.append(one.found.assign(namespace=f"{number}/" + one.found["namespace"].astype(str)))
        alarms.append(one.alarms.assign(namespace=f"{number}/" + one.alarms["namespace"].astype(str)))
        days.append(one.days.set_axis(f"{number}/" + one.days.index.astype(str)))
    return Score(pd.concat(found, ignore_index=True), pd.concat(alarms, ignore_index=True), pd.concat(days))


def _keys(names: pd.Index, namespace: pd.Series, at: pd.Series) -> Ints:
    """One number per namespace and window: neighbouring windows differ by 1, namespaces by much more."""
    window = pd.to_datetime(at, utc=True).dt.as_unit("us").astype("int64").to_numpy() // _STEP_US
    return np.asarray(names.get_indexer(pd.Index(namespace)).astype(np.int64) * _SPAN + window)


def _found(events: pd.DataFrame, judged: Ints, flags: Ints, start: Ints, until: Ints) -> pd.DataFrame:
    place = np.searchsorted(flags, start)
    first = np.append(flags, np.iinfo(np.int64).max)[place]
    hit = first < until
    return events.assign(
        hit=hit,
        delay=np.where(hit, np.searchsorted(judged, first) - np.searchsorted(judged, start), np.nan),
        size=pd.cut(events["factor"], FACTORS, labels=FACTOR_NAMES, right=False),
        height=pd.cut(events["peak_sd"], PEAKS, labels=PEAK_NAMES, right=False),
    )


def _inside(flags: Ints, start: Ints, until: Ints) -> npt.NDArray[np.bool_]:
    """Which flags lie in any of the spans: more spans have begun at or before them than have ended."""
    return np.asarray(np.searchsorted(np.sort(start), flags, side="right") > np.searchsorted(np.sort(until), flags, side="right"))


def _stale(flags: Ints, neutral_until: Ints, end: Ints) -> Ints:
    """The day of a lasting shift, counted from 1, for flags after its time; else 0."""
    days = np.zeros(len(flags), np.int64)
    for number in np.flatnonzero(end > neutral_until):
        first, last = np.searchsorted(flags, (neutral_until[number], end[number]))
        days[first:last] = (flags[first:last] - neutral_until[number]) // _DAY + 1
    return days


def _alarms(names: pd.Index, flags: Ints, hits: npt.NDArray[np.bool_], neutral: npt.NDArray[np.bool_], stale: Ints) -> pd.DataFrame:
    if not len(flags):
        return pd.DataFrame(
            {"namespace": [], "start": pd.to_datetime([], utc=True), "end": pd.to_datetime([], utc=True), "flags": [], "outcome": []}
        )
    gap, other_day = np.diff(flags, prepend=flags[0] - _SPAN), np.diff(stale, prepend=-1) != 0
    begins = np.flatnonzero(other_day | (gap > np.where(stale > 0, _DAY, MERGE)))
    ends = np.append(begins[1:], len(flags))
    window = flags % _SPAN
    outcome = np.where(np.maximum.reduceat(hits, begins), "hit", np.where(np.maximum.reduceat(neutral, begins), "neutral", "false"))
    return pd.DataFrame(
        {
            "namespace": names[flags[begins] // _SPAN],
            "start": pd.to_datetime(window[begins] * _STEP_US, unit="us", utc=True),
            "end": pd.to_datetime(window[ends - 1] * _STEP_US, unit="us", utc=True),
            "flags": ends - begins,
            "outcome": outcome,
        }
    )

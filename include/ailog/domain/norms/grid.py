"""Counts of many series on the local calendar: which window is which quarter hour of which local day."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt
import pandas as pd

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]

SLOTS: Final = 96
WINDOW_SECONDS: Final = 900
SUNDAY: Final = 6
_EPOCH: Final = 719_163
"""The ordinal of 1970-01-01."""


@dataclass(frozen=True)
class Grid:
    """Consecutive windows of 15 minutes, and the counts of S series in them.

    ``counts`` (S, T) is NaN where a window was not read. ``day`` (T,) is the ordinal of the local date, ``slot`` (T,) the quarter hour of
    that date: both repeat in the hour that a clock change repeats, and skip the one that it skips.
    """

    names: list[str]
    start: pd.Timestamp
    counts: Floats
    day: Ints
    slot: Ints
    kind: Ints
    """By day from ``day[0]`` on: the weekday whose profile is used, 0 Monday to 6 Sunday; a holiday is a Sunday."""

    @property
    def days(self) -> int:
        """Local days that the windows touch."""
        return int(self.day[-1] - self.day[0]) + 1 if len(self.day) else 0

    def offset(self, place: int) -> int:
        """Slots by which the local clock is ahead of universal time at the end of the local day at this place."""
        last: int = self.windows_of(place).stop - 1
        universal = int(self.start.timestamp()) // WINDOW_SECONDS + last
        return int(self.day[last] - _EPOCH) * SLOTS + int(self.slot[last]) - universal

    def windows_of(self, place: int) -> slice:
        """The windows of the local day at this place, 0 the first."""
        day = self.day[0] + place
        return slice(int(np.searchsorted(self.day, day)), int(np.searchsorted(self.day, day, side="right")))


def to_grid(
    counts: pd.DataFrame, timezone: str, *, key: str = "namespace", names: Sequence[str] | None = None, holidays: Sequence[int] = ()
) -> Grid:
    """Rows of ``key``, window_start (aware), count as a grid from the first to the last window; the row order is free.

    A missing row is a window that was not read. ``holidays`` are ordinals of local dates.

    Raises:
        ValueError: window starts without a time zone or off the quarter hour, counts that are no numbers or negative, two rows of one
            window.
    """
    seconds = epoch_seconds(counts["window_start"])
    values = _values(counts["count"])
    found = sorted(counts[key].unique()) if names is None else list(names)
    if not len(seconds):
        empty = np.empty(0, np.int64)
        return Grid(found, pd.Timestamp(0, tz="UTC"), np.empty((len(found), 0)), empty, empty, empty)
    first, last = int(seconds.min()), int(seconds.max())
    length = (last - first) // WINDOW_SECONDS + 1
    place = pd.Index(found).get_indexer(pd.Index(counts[key]))
    known = place >= 0
    cells = (place * length + (seconds - first) // WINDOW_SECONDS)[known]
    if len(np.unique(cells)) < len(cells):
        twice = pd.Index(cells).duplicated()
        name, at = found[int(place[known][twice][0])], pd.Timestamp(int(seconds[known][twice][0]), unit="s", tz="UTC")
        raise ValueError(f"{name} has two counts for the window {at.isoformat()}: give one row for each window")
    matrix = np.full((len(found), length), np.nan)
    matrix[place[known], (seconds[known] - first) // WINDOW_SECONDS] = values[known]
    start = pd.Timestamp(first, unit="s", tz="UTC")
    return Grid(found, start, matrix, *local(start, length, timezone, holidays))


def epoch_seconds(starts: pd.Series) -> Ints:
    """Starts of windows in seconds of universal time. Raises ValueError where they are no such times."""
    try:
        times = pd.DatetimeIndex(starts)
    except (TypeError, ValueError) as error:
        raise ValueError(f"window_start holds what is no time: {error}") from error
    if not len(times):
        return np.empty(0, np.int64)
    if times.tz is None:
        raise ValueError("window_start has no time zone: give aware times, as in 2026-03-01 00:00+00:00")
    if times.hasnans:
        raise ValueError("window_start has empty times: give each row the start of its window")
    nanoseconds = times.as_unit("ns").asi8
    if (nanoseconds % (WINDOW_SECONDS * 1_000_000_000)).any():
        wrong = times[(nanoseconds % (WINDOW_SECONDS * 1_000_000_000)) != 0][0]
        raise ValueError(f"window_start {wrong.isoformat()} is not a quarter of an hour")
    return np.asarray(nanoseconds // 1_000_000_000, np.int64)


def _values(counts: pd.Series) -> Floats:
    try:
        values = np.asarray(counts.to_numpy(dtype=float, na_value=np.nan), float)
    except (TypeError, ValueError) as error:
        raise ValueError(f"count holds what is no number: {error}") from error
    if not np.isfinite(values).all():
        raise ValueError(f"a count of {values[~np.isfinite(values)][0]} is no number: leave the row of a window out that was not read")
    if (values < 0).any():
        raise ValueError(f"a count of {values[values < 0][0]:g} is less than nothing")
    return values


def local(start: pd.Timestamp, length: int, timezone: str, holidays: Sequence[int] = ()) -> tuple[Ints, Ints, Ints]:
    """Day and slot of each of the windows from a start on, and the kind of each of their days."""
    wall = pd.date_range(start, periods=length, freq="15min").tz_convert(timezone).tz_localize(None).as_unit("s").asi8
    day, second = np.divmod(wall, 86_400)
    day = day + _EPOCH
    dates = np.arange(day[0], day[-1] + 1)
    kind = np.where(np.isin(dates, np.asarray(list(holidays), np.int64)), SUNDAY, (dates - 1) % 7)
    return day, second // WINDOW_SECONDS, kind

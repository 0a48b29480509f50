"""What the days before a day hold, carried from day to day: sums of the last N days by name."""

from __future__ import annotations

from collections import deque
from collections.abc import Hashable, Sequence

import numpy as np
import numpy.typing as npt
import pandas as pd

Ints = npt.NDArray[np.int64]


class Sums:
    """Sums by name over the last ``days`` days; a day is a number that grows."""

    def __init__(self, days: int) -> None:
        self.days = days
        self._places: dict[Hashable, int] = {}
        self._totals: Ints = np.zeros(0, np.int64)
        self._parts: deque[tuple[int, Ints, Ints]] = deque()

    def add(self, day: int, names: Sequence[Hashable], sums: npt.ArrayLike) -> None:
        """Adds what a day holds, each name once; days come in order."""
        places = np.array([self._places.setdefault(name, len(self._places)) for name in names], np.int64)
        values = np.asarray(sums, np.int64)
        if len(self._places) > len(self._totals):
            self._totals = np.concatenate([self._totals, np.zeros(2 * len(self._places) - len(self._totals), np.int64)])
        self._totals[places] += values
        self._parts.append((day, places, values))

    def begin(self, day: int) -> None:
        """Forgets what is older than ``days`` before a day."""
        while self._parts and self._parts[0][0] < day - self.days:
            _, places, values = self._parts.popleft()
            self._totals[places] -= values

    def of(self, names: Sequence[Hashable]) -> Ints:
        """The sums of some names, 0 for those that are not known."""
        places = np.array([self._places.get(name, -1) for name in names], np.int64)
        if not len(self._totals):
            return np.zeros(len(places), np.int64)
        return np.where(places >= 0, self._totals[places], 0)


def add_frame(sums: Sums, frame: pd.DataFrame, columns: Sequence[str], day: int | None = None) -> None:
    """Adds the ``count`` of a frame by some columns, as of one day or of its own column ``day``."""
    keys = ["day", *columns] if day is None else list(columns)
    grouped = frame.groupby(keys, sort=True)["count"].sum()
    if day is not None:
        sums.add(day, list(grouped.index), grouped.to_numpy())
        return
    for number, part in grouped.groupby(level=0, sort=True):
        sums.add(int(str(number)), [name[1:] for name in part.index], part.to_numpy())

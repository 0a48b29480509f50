"""Leads series through their days: learns each day's norm from the days before it, judges its windows, and remembers what it saw."""

from __future__ import annotations

from dataclasses import dataclass, field, fields, replace
from typing import Any, Final, TypeVar, cast

import numpy as np

from ailog.domain.norms.apart import rough_phi
from ailog.domain.norms.batches import Batches, batches, jumps, no_batches
from ailog.domain.norms.fit import MEMORY_DAYS, Norm, fit
from ailog.domain.norms.grid import SLOTS, Bools, Floats, Grid, Ints
from ailog.domain.norms.walk import OWN_LIMIT, Judgement, State, walk

T = TypeVar("T")

FIRST_DAYS: Final = 7
"""Days of a series before it is judged."""
_SUM_DAYS: Final = 28
_SUM_WEIGHT: Final = 6.0
_SUM_LEAST: Final = 0.008
_PHI_START: Final = 0.3
_AFTER_ALARM: Final = 8
_TOGETHER: Final = 256
"""Series learned at a time: memory stays bounded however many there are."""


@dataclass
class Memory:
    """The last days of S series, at most ``MEMORY_DAYS``: arrays (S, n, 96), the newest day last, NaN where a window was not read."""

    counts: Floats
    flagged: Bools
    """Windows that the model itself took for alarms."""
    sum_count: Floats
    """Sums of four windows as they were judged, and what was expected of them; NaN where an alarm or a reset spoils them."""
    sum_mean: Floats
    kind: Ints
    """(n,): kinds of the days."""
    offset: Ints = field(default_factory=lambda: np.empty(0, np.int64))
    """(n,): slots by which the local clock was ahead of universal time; without it changes of the clock are not known."""

    @classmethod
    def none(cls, series: int) -> Memory:
        """Before the first day."""
        empty = np.empty((series, 0, SLOTS))
        return cls(empty, empty.astype(bool), empty.copy(), empty.copy(), np.empty(0, np.int64))

    def learn(self, today: int, offset: int | None = None) -> tuple[Norm, Batches, Floats] | None:
        """The norm of a day of this kind, its batch slots and the over-dispersion of sums (S,); None before the first day.

        ``offset`` is today's, as in ``Memory.offset``.
        """
        if not len(self.kind):
            return None
        later = offset - self.offset if offset is not None and len(self.offset) == len(self.kind) else None
        parts = [self._learn(slice(at, at + _TOGETHER), today, later) for at in range(0, max(len(self.counts), 1), _TOGETHER)]
        norm, usual = _joined([part[0] for part in parts]), _joined([part[1] for part in parts])
        return norm, usual, np.concatenate([part[2] for part in parts])

    def _learn(self, part: slice, today: int, later: Ints | None) -> tuple[Norm, Batches, Floats]:
        counts = self.counts[part]
        hit = jumps(counts, rough_phi(counts))
        norm = fit(counts, np.isfinite(counts) & ~hit, self.kind)
        usual = batches(counts, hit, norm, self.kind, today, later)
        # What was expected of the history is as large as the history itself, and nobody needs it any more.
        lean = replace(norm, levels=norm.levels[:, :0], mean=norm.mean[:, :0], deviation=norm.deviation[:, :0])
        return lean, usual, self._phi_of_sums(norm.phi, part)

    def remember(self, counts: Floats, seen: Judgement, slots: Ints, kind: int, offset: int = 0) -> None:
        """Adds a day that was judged; what is older than ``MEMORY_DAYS`` is forgotten."""
        flagged = seen.score > OWN_LIMIT
        before = self.flagged[:, -1, -_AFTER_ALARM:] if len(self.kind) else np.zeros((len(counts), 0), bool)
        after = _followed(np.concatenate([before, flagged | seen.alarmed], axis=1), _AFTER_ALARM)[:, before.shape[1] :]
        spoiled = after | (seen.sum_mean <= 0) | seen.batch | ~np.isfinite(counts)
        self.counts = _append(self.counts, counts, slots, np.nan)
        self.flagged = _append(self.flagged, flagged, slots, fill=False)
        self.sum_count = _append(self.sum_count, np.where(spoiled, np.nan, seen.sum_count), slots, np.nan)
        self.sum_mean = _append(self.sum_mean, np.where(spoiled, np.nan, seen.sum_mean), slots, np.nan)
        self.kind = np.append(self.kind, kind)[-MEMORY_DAYS:]
        self.offset = np.append(self.offset, offset)[-MEMORY_DAYS:]

    def _phi_of_sums(self, phi: Floats, part: slice) -> Floats:
        """From sums that were judged before they were learned from: drift and errors of the profile are in it, so it is not phi / 4."""
        count, mean = self.sum_count[part, -_SUM_DAYS:], self.sum_mean[part, -_SUM_DAYS:]
        known = np.isfinite(count)
        n, m = np.where(known, count, 0.0), np.where(known, mean, 1.0)
        found = phi / 2
        for _ in range(2):
            variance = m + found[:, None, None] * m**2
            square = (n - m) ** 2
            weight = known * (m / variance) ** 2 * (square <= 12 * variance)
            above = (weight * (square - m)).sum((1, 2)) + _SUM_WEIGHT * phi / 2
            found = np.maximum(above / ((weight * m**2).sum((1, 2)) + _SUM_WEIGHT), _SUM_LEAST)
        return np.asarray(found)


@dataclass(frozen=True)
class Course:
    """The judgements of all windows of a grid, arrays (S, T) as in ``Judgement``; ``judged`` is False in a series' first days."""

    seen: Judgement
    judged: Bools


def lead(grid: Grid, memory: Memory, state: State) -> Course:
    """Judges all windows of a grid day by day, carrying memory and state on in place."""
    series = len(grid.names)
    parts: list[Judgement] = []
    judged = np.zeros(grid.counts.shape, bool)
    for place in range(grid.days):
        windows = grid.windows_of(place)
        kind, slots, counts = int(grid.kind[place]), grid.slot[windows], grid.counts[:, windows]
        offset = grid.offset(place)
        learned = memory.learn(kind, offset)
        if learned is None:
            learned = (_unknown(series), no_batches(series), np.full(series, _PHI_START))
        seen = walk(state, counts, slots, kind, learned[0], learned[1], learned[2])
        old = np.isfinite(memory.counts).any(2).sum(1) >= FIRST_DAYS
        judged[:, windows] = old[:, None] & np.isfinite(counts)
        if not old.all():
            seen.score[~old] = 0.0
        parts.append(seen)
        memory.remember(counts, seen, slots, kind, offset)
    if not parts:
        parts = [walk(state, grid.counts, grid.slot, 0, _unknown(series), no_batches(series), np.full(series, _PHI_START))]
    return Course(_joined(parts, axis=1), judged)


def _joined(parts: list[T], axis: int = 0) -> T:
    """Dataclasses of arrays as one."""
    first: Any = parts[0]
    whole = {field.name: np.concatenate([getattr(part, field.name) for part in parts], axis=axis) for field in fields(first)}
    return cast("T", type(first)(**whole))


def _unknown(series: int) -> Norm:
    flat = np.ones((series, 7, SLOTS))
    nothing = np.empty((series, 0))
    cells = np.empty((series, 0, SLOTS))
    return Norm(flat, np.ones(series), np.full(series, _PHI_START), np.ones((series, SLOTS)), nothing, cells, cells)


def _append(days: np.ndarray, values: np.ndarray, slots: Ints, fill: float) -> np.ndarray:
    day = np.full((len(values), 1, SLOTS), fill, days.dtype)
    day[:, 0, slots] = values
    return np.concatenate([days[:, 1 - MEMORY_DAYS :], day], axis=1)


def _followed(flags: Bools, windows: int) -> Bools:
    found = flags.copy()
    for step in range(1, windows + 1):
        found[:, step:] |= flags[:, :-step]
    return found

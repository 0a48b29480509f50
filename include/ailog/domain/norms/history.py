"""Leads series through their days: learns each day's norm from the days before it, judges its windows, and remembers what it saw."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

import numpy as np

from ailog.domain.norms.batches import Batches, batches, jumps, no_batches
from ailog.domain.norms.fit import MEMORY_DAYS, Norm, fit, rough_phi
from ailog.domain.norms.grid import SLOTS, Bools, Floats, Grid, Ints
from ailog.domain.norms.walk import OWN_LIMIT, Judgement, State, walk

FIRST_DAYS: Final = 7
"""Days of a series before it is judged."""
_SUM_DAYS: Final = 28
_SUM_WEIGHT: Final = 6.0
_SUM_LEAST: Final = 0.008
_PHI_START: Final = 0.3
_AFTER_ALARM: Final = 8


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
        hit = jumps(self.counts, rough_phi(self.counts))
        usable = np.isfinite(self.counts) & ~self._own_alarms() & ~hit
        later = offset - self.offset if offset is not None and len(self.offset) == len(self.kind) else None
        norm = fit(self.counts, usable, self.kind)
        return norm, batches(self.counts, hit, norm, self.kind, today, later), self._phi_of_sums(norm.phi)

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

    def _own_alarms(self) -> Bools:
        """Alarms and two windows on each side, unless they are a habit of the slot: else what is new would never be learned."""
        flagged = self.flagged.reshape(len(self.flagged), -1)
        near = flagged.copy()
        for step in (1, 2):
            near[:, step:] |= flagged[:, :-step]
            near[:, :-step] |= flagged[:, step:]
        near = near.reshape(self.flagged.shape)
        habit = (self.flagged[:, -7:].sum(1) >= 3)[:, None]
        per_kind = np.zeros((len(flagged), 7, SLOTS), bool)
        for kind in range(7):
            days = np.flatnonzero(self.kind == kind)[-4:]
            if len(days):
                per_kind[:, kind] = self.flagged[:, days].sum(1) >= 2
        return near & ~habit & ~per_kind[:, self.kind]

    def _phi_of_sums(self, phi: Floats) -> Floats:
        """From sums that were judged before they were learned from: drift and errors of the profile are in it, so it is not phi / 4."""
        count, mean = self.sum_count[:, -_SUM_DAYS:], self.sum_mean[:, -_SUM_DAYS:]
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
    fields = Judgement.__dataclass_fields__
    if not parts:
        return Course(Judgement(**{name: np.empty(grid.counts.shape) for name in fields}), judged)
    return Course(Judgement(**{name: np.concatenate([getattr(part, name) for part in parts], axis=1) for name in fields}), judged)


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

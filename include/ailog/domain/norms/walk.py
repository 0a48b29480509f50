"""Judges the windows of a series one after the other: how unlikely one count is, and how unlikely the last four together."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from ailog.domain.negative_binomial import log_upper_tail
from ailog.domain.norms.batches import Batches
from ailog.domain.norms.fit import Norm
from ailog.domain.norms.grid import Bools, Floats, Ints
from ailog.domain.norms.shift import Shift

SUMMED: Final = 4
OWN_LIMIT: Final = 9.0
"""The limit by which the model itself tells alarms from normal windows: fixed, so that no score depends on a budget."""
_ALARMING: Final = 3.0
"""Deviations under which no score reaches ``OWN_LIMIT``: a normal tail, the lightest there is, needs 3.6."""
_NOTABLE: Final = 1.0
"""Deviations under which no score reaches 3, the lowest limit that a budget can have: it stays 0."""


@dataclass
class State:
    """What is carried from window to window, one element per series."""

    counts: Floats
    """(S, 4): clipped counts of the last windows that were read, the newest last; 0 after a reset."""
    means: Floats
    """(S, 4): what was expected of them."""
    spread: Floats
    """(S, 4): the factor of variance of their slots."""
    alarmed: Bools
    """(S,): an episode is open."""
    shift: Shift

    @classmethod
    def new(cls, series: int) -> State:
        """Before the first window."""
        counts, means, spread = (np.zeros((series, SUMMED)) for _ in range(3))
        return cls(counts, means, spread, np.zeros(series, bool), Shift.none(series))


@dataclass(frozen=True)
class Judgement:
    """Of W windows of one day, arrays (S, W); NaN or 0 where a window was not read."""

    score: Floats
    """-ln of the probability of so many by chance, 0 where a floor stopped it: the higher of ``single`` and ``summed``."""
    mean: Floats
    """What was expected, without a batch."""
    phi: Floats
    """Over-dispersion of the window, the spread of its slot in it."""
    level: Floats
    """Counts a window over the week, as in force: the day's own or an accepted one."""
    single: Floats
    """The score of the window alone."""
    summed: Floats
    """The score of the last four windows together."""
    sum_count: Floats
    sum_mean: Floats
    batch: Bools
    """A batch is usual in this slot."""
    accepted: Bools
    """A new level was accepted after this window."""
    alarmed: Bools
    """Within an episode by the model's own limit."""


_FLOATS: Final = ("mean", "phi", "level", "sum_count", "sum_mean")


def walk(state: State, counts: Floats, slots: Ints, kind: int, norm: Norm, usual: Batches, phi_sum: Floats) -> Judgement:
    """Judges the windows in time order and carries ``state`` on in place.

    ``counts`` (S, W) is NaN where not read, ``slots`` (W,) their quarter hours, ``phi_sum`` (S,) the over-dispersion of sums of four.
    """
    series, length = counts.shape
    floats = {name: np.zeros((series, length)) for name in _FLOATS}
    accepted, alarmed = (np.zeros((series, length), bool) for _ in range(2))
    single, job, summed = (_Tails(counts.shape) for _ in range(3))
    batch = usual.usual[:, slots]
    for at, slot in enumerate(slots):
        y = counts[:, at]
        read = np.isfinite(y)
        y = np.where(read, y, 0.0)
        profile = norm.profile[:, kind, slot]
        level = state.shift.expected(norm.level)
        mean = level * profile
        c = norm.spread[:, slot]
        variance = (mean + norm.phi * mean**2) * c
        sd = np.sqrt(variance)
        phi = np.maximum(variance - mean, 1e-6 * mean) / mean**2
        clipped = np.minimum(y, np.maximum(mean + 4 * sd, 2.0))
        free = read & ~batch[:, at]
        _shift_in(state, free, clipped, mean, c)
        n, m = state.counts.sum(1), state.means.sum(1)
        wide = phi_sum * np.sqrt((state.spread * state.means).sum(1) / np.maximum(m, 1e-12))
        gate, distance = read & (y >= 2) & (y >= 1.6 * mean), (y - mean) / sd
        alone = single.take(at, y, mean, phi, distance, gate)
        if batch[:, at].any():  # there only what exceeds the batch as well is unusual
            size = np.maximum(mean, usual.size[:, slot] * level)
            wider = job.take(at, y, size, np.maximum(usual.variation[:, slot] ** 2, phi), distance, gate & batch[:, at])
            alone = np.where(batch[:, at], np.minimum(alone, wider), alone)
        gate = free & (clipped >= np.maximum(1.0, mean + 1.5 * sd)) & (n >= 3) & (n >= 1.4 * m) & (m > 0)
        together = summed.take(at, n, m, wide, (n - m) / np.sqrt(np.maximum(m + wide * m**2, 1e-12)), gate)
        flagged = np.maximum(alone, together) > OWN_LIMIT
        state.alarmed |= flagged
        over = state.alarmed & read & ~flagged & (y < mean + sd)
        state.alarmed &= ~over
        accepted[:, at] = state.shift.see(y, read, mean, sd, profile, norm.level)
        alarmed[:, at] = state.alarmed
        _forget(state, over | accepted[:, at])
        for name, value in zip(_FLOATS, (mean, phi, level, n, m), strict=True):
            floats[name][:, at] = value
    one = np.where(batch, np.minimum(single.finished(), job.finished()), single.finished())
    four = summed.finished()
    found = {**floats, "single": one, "summed": four, "batch": batch, "accepted": accepted, "alarmed": alarmed}
    return Judgement(score=np.maximum(one, four), **found)


class _Tails:
    """Scores of many counts. Those that could be alarms are needed at once, window by window; the others follow in one go."""

    def __init__(self, shape: tuple[int, int]) -> None:
        self.score = np.zeros(shape)
        self._count, self._mean, self._phi = (np.zeros(shape) for _ in range(3))
        self._later = np.zeros(shape, bool)

    def take(self, at: int, count: Floats, mean: Floats, phi: Floats, distance: Floats, gate: Bools) -> Floats:
        """Takes the counts of one window in, ``distance`` deviations from their means; gives the scores that are known now."""
        self._count[:, at], self._mean[:, at], self._phi[:, at] = count, mean, phi
        self._later[:, at] = gate & (distance > _NOTABLE) & (distance <= _ALARMING)
        now = np.flatnonzero(gate & (distance > _ALARMING))
        if len(now):
            self.score[now, at] = -log_upper_tail(count[now], mean[now], phi[now])
        return self.score[:, at]

    def finished(self) -> Floats:
        """All scores."""
        if self._later.any():
            self.score[self._later] = -log_upper_tail(*(part[self._later] for part in (self._count, self._mean, self._phi)))
        return self.score


def _shift_in(state: State, read: Bools, count: Floats, mean: Floats, spread: Floats) -> None:
    for ring, value in ((state.counts, count), (state.means, mean), (state.spread, spread)):
        ring[read, :-1] = ring[read, 1:]
        ring[read, -1] = value[read]


def _forget(state: State, which: Bools) -> None:
    for ring in (state.counts, state.means, state.spread):
        ring[which] = 0.0

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
        return cls(*(np.zeros((series, SUMMED)) for _ in range(3)), np.zeros(series, bool), Shift.none(series))


@dataclass(frozen=True)
class Judgement:
    """Of W windows of one day, arrays (S, W); NaN or 0 where a window was not read."""

    score: Floats
    """-ln of the probability of so many by chance, 0 where a floor stopped it."""
    mean: Floats
    phi: Floats
    single: Floats
    """The score of the window alone."""
    summed: Floats
    """The score of the last four windows together."""
    sum_count: Floats
    sum_mean: Floats
    batch: Bools
    accepted: Bools
    """A new level was accepted after this window."""
    alarmed: Bools
    """Within an episode by the model's own limit."""


def walk(state: State, counts: Floats, slots: Ints, kind: int, norm: Norm, usual: Batches, phi_sum: Floats) -> Judgement:
    """Judges the windows in time order and carries ``state`` on in place.

    ``counts`` (S, W) is NaN where not read, ``slots`` (W,) their quarter hours, ``phi_sum`` (S,) the over-dispersion of sums of four.
    """
    series, length = counts.shape
    floats = {name: np.zeros((series, length)) for name in ("score", "mean", "phi", "single", "summed", "sum_count", "sum_mean")}
    bools = {name: np.zeros((series, length), bool) for name in ("batch", "accepted", "alarmed")}
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
        batch = usual.usual[:, slot]
        single = _single(y, read, mean, phi, batch, usual.size[:, slot] * level, usual.variation[:, slot])
        clipped = np.minimum(y, np.maximum(mean + 4 * sd, 2.0))
        _shift_in(state, read & ~batch, clipped, mean, c)
        n, m = state.counts.sum(1), state.means.sum(1)
        c4 = np.sqrt((state.spread * state.means).sum(1) / np.maximum(m, 1e-12))
        summed = _summed(n, m, phi_sum * c4, read & ~batch & (clipped >= np.maximum(1.0, mean + 1.5 * sd)))
        score = np.maximum(single, summed)
        flagged = score > OWN_LIMIT
        state.alarmed |= flagged
        over = state.alarmed & read & ~flagged & (y < mean + sd)
        state.alarmed &= ~over
        accepted = state.shift.see(y, read, mean, sd, profile, norm.level)
        _forget(state, over | accepted)
        for name, value in (("score", score), ("mean", mean), ("phi", phi), ("single", single), ("summed", summed)):
            floats[name][:, at] = value
        floats["sum_count"][:, at], floats["sum_mean"][:, at] = n, m
        bools["batch"][:, at], bools["accepted"][:, at], bools["alarmed"][:, at] = batch, accepted, state.alarmed
    return Judgement(**floats, **bools)


def _single(y: Floats, read: Bools, mean: Floats, phi: Floats, batch: Bools, size: Floats, variation: Floats) -> Floats:
    score = np.zeros(len(y))
    place = np.flatnonzero(read & (y >= 2) & (y >= 1.6 * mean))
    if len(place):
        score[place] = -log_upper_tail(y[place], mean[place], phi[place])
        job = place[batch[place]]
        if len(job):
            wide = -log_upper_tail(y[job], np.maximum(mean[job], size[job]), np.maximum(variation[job] ** 2, phi[job]))
            score[job] = np.minimum(score[job], wide)
    return score


def _summed(count: Floats, mean: Floats, phi: Floats, recent: Bools) -> Floats:
    score = np.zeros(len(count))
    place = np.flatnonzero(recent & (count >= 3) & (count >= 1.4 * mean) & (mean > 0))
    if len(place):
        score[place] = -log_upper_tail(count[place], mean[place], phi[place])
    return score


def _shift_in(state: State, read: Bools, count: Floats, mean: Floats, spread: Floats) -> None:
    for ring, value in ((state.counts, count), (state.means, mean), (state.spread, spread)):
        ring[read, :-1] = ring[read, 1:]
        ring[read, -1] = value[read]


def _forget(state: State, which: Bools) -> None:
    for ring in (state.counts, state.means, state.spread):
        ring[which] = 0.0

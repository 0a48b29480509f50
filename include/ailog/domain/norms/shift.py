"""A level that moved for good: it is reported once, and after some hours taken as what is usual."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from ailog.domain.norms.grid import Bools, Floats

BLOCK: Final = 16
"""Windows of a block: four hours."""
MEMORY: Final = 4 * BLOCK
_RISE: Final = 1.25
_FEW: Final = 16.0
_KEEP: Final = 0.5 ** (1 / 96)
_SEED: Final = 48
"""Windows that an accepted level begins with: the last twelve hours."""


@dataclass
class Shift:
    """The accepted level of each series (S,), NaN where none is, and the sums behind it; counts and profiles of the last 16 hours."""

    level: Floats
    events: Floats
    exposure: Floats
    counts: Floats
    """(S, 64): counts of the last windows, clipped; 0 where not read."""
    profile: Floats
    """(S, 64): the profile of these windows; 0 where not read."""

    @classmethod
    def none(cls, series: int) -> Shift:
        """No level is accepted, nothing was seen."""
        nothing = np.zeros(series)
        return cls(np.full(series, np.nan), nothing, nothing.copy(), np.zeros((series, MEMORY)), np.zeros((series, MEMORY)))

    def expected(self, level: Floats) -> Floats:
        """The level to judge with: the accepted one where there is one, never under the day's own."""
        return np.where(np.isfinite(self.level), np.fmax(self.level, level), level)

    def see(self, count: Floats, read: Bools, mean: Floats, sd: Floats, profile: Floats, level: Floats) -> Bools:
        """Takes one window in; returns the series (S,) whose new level was accepted just now. ``level`` is the day's own."""
        clipped = np.where(read, np.minimum(count, mean + 12 * sd + 1), 0.0)
        weight = np.where(read, profile, 0.0)
        self.counts[:, :-1] = self.counts[:, 1:]
        self.counts[:, -1] = clipped
        self.profile[:, :-1] = self.profile[:, 1:]
        self.profile[:, -1] = weight
        held = np.isfinite(self.level)
        self.events = np.where(held, _KEEP * self.events + clipped, 0.0)
        self.exposure = np.where(held, _KEEP * self.exposure + weight, 0.0)
        accepted = self._accept(level, held)
        self._follow(level, held)
        return accepted

    def _accept(self, level: Floats, held: Bools) -> Bools:
        # Nothing can be accepted where the last two hours do not even exceed the level: most series, most of the time.
        recent = self.counts[:, -2 * BLOCK :].sum(1)
        maybe = np.flatnonzero(~held & (recent > _RISE * level * self.profile[:, -2 * BLOCK :].sum(1)) & (recent >= 4))
        accepted = np.zeros(len(level), bool)
        if not len(maybe):
            return accepted
        counts, profile, own = self.counts[maybe], self.profile[maybe], level[maybe]
        expected = own * profile.sum(1)
        total = counts.sum(1)
        blocks = _ratios(counts, profile, 4)
        ordered = np.sort(blocks, axis=1)
        large = (ordered[:, 1] > _RISE * own) & (ordered[:, 1] > 0.6 * ordered[:, 2]) & (total > expected + 4 * np.sqrt(expected))
        halves = _ratios(counts, profile, 8)
        trimmed = total - counts.max(1)
        small = ((halves > _RISE * own[:, None]).sum(1) >= 6) & (total >= 8) & (trimmed > 1.5 * expected + 3 * np.sqrt(expected))
        read = (profile.reshape(len(maybe), -1, BLOCK) > 0).sum(2) >= BLOCK // 2
        yes = np.where(expected < _FEW, small, large) & read.all(1)
        chosen = maybe[yes]
        accepted[chosen] = True
        self.events[chosen] = self.counts[chosen, -_SEED:].sum(1)
        self.exposure[chosen] = self.profile[chosen, -_SEED:].sum(1)
        self.level[chosen] = self.events[chosen] / np.maximum(self.exposure[chosen], 1e-9)
        return accepted

    def _follow(self, level: Floats, held: Bools) -> None:
        places = np.flatnonzero(held)
        if not len(places):
            return
        blocks = _ratios(self.counts[places], self.profile[places], 4)
        middle = np.sort(blocks, axis=1)[:, 1:3].mean(1)
        mean = self.events[places] / np.maximum(self.exposure[places], 1e-9)
        current = np.maximum(mean, middle)
        exposure = self.profile[places].reshape(len(places), 4, BLOCK).sum(2)[:, 2:]
        fallen = (blocks[:, 2:] < 0.7 * mean[:, None]).all(1) & ((exposure * mean[:, None]).sum(1) > 8)
        caught_up = level[places] > 0.9 * mean
        self.level[places] = np.where(fallen | caught_up, np.nan, current)


def _ratios(counts: Floats, profile: Floats, parts: int) -> Floats:
    """(S, parts): counts over profile in as many blocks; 0 where nothing was read."""
    below = profile.reshape(len(profile), parts, -1).sum(2)
    return np.asarray(np.divide(counts.reshape(len(counts), parts, -1).sum(2), below, out=np.zeros_like(below), where=below > 0))

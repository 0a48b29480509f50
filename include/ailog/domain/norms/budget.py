"""The limit that keeps a stated number of false alarms, solved from the alarms that the model would have raised in its own history.

The steep part of the distribution of alarm sizes is noise, the flat part is incidents (Efron's empirical null, JASA 2004):
no labels are needed.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from ailog.domain.norms.grid import Bools, Floats

GRID: Final = np.arange(3.0, 24.5, 0.5)
APART: Final = 2
"""Flags at most so many windows apart are one alarm."""
_WEEK: Final = 672.0
_PRIOR_WEEKS: Final = 8.0
WORTH: Final = 0.2
"""False alarms per series and week that are worth what they find; a larger budget is not spent unless asked for."""
_BOUNDS: Final = (8.5, 12.0)
DEFAULT_LIMIT: Final = 10.0
"""The limit before there is any history: what ``_prior`` gives for ``WORTH``."""


@dataclass(frozen=True)
class Solved:
    """A limit and how it came about; rates per series and week."""

    limit: float
    target: float
    expected: float
    """False alarms at the limit, as estimated."""
    incidents: float
    """Alarms at the limit that are none of chance, as estimated."""
    weeks: float
    """Series-weeks of history behind it."""


def alarms(flags: Bools) -> Bools:
    """The first window of each alarm: flags at most ``APART`` windows apart are one. (S, T) in, (S, T) out."""
    before = np.zeros_like(flags)
    for step in range(1, APART + 1):
        before[:, step:] |= flags[:, :-step]
    return flags & ~before


def solve(score: Floats, judged: Bools, budget: float, *, spend: str = "worth") -> Solved:
    """The limit for at most ``budget`` false alarms per series and week.

    ``score`` (S, T) of history, each window judged before it was learned from; ``judged`` says which count. With ``spend="all"`` the budget
    is used in full; else no more than is worth it.
    """
    weeks = float(judged.sum()) / _WEEK
    clean = np.where(judged, score, 0.0)
    total = np.array([alarms(clean > limit).sum() for limit in GRID], float)
    incidents = _incidents(total)
    prior = _prior(GRID)
    false = (np.maximum(total - incidents, 0.0) + _PRIOR_WEEKS * prior) / (weeks + _PRIOR_WEEKS)
    false = np.minimum.accumulate(false)
    target = budget if spend == "all" else min(budget, WORTH)
    limit = float(np.interp(-np.log(target), -np.log(false + 1e-12 * np.arange(len(false), 0, -1)), GRID))
    if spend != "all" and budget >= WORTH:
        limit = float(np.clip(limit, *_BOUNDS))
    at = float(np.exp(np.interp(limit, GRID, np.log(false))))
    return Solved(limit, target, at, float(np.interp(limit, GRID, incidents)) / max(weeks, 1e-9), weeks)


def _incidents(total: Floats) -> Floats:
    """What real incidents alone would raise at each limit: they fade slowly, by 2 to 12 % a unit."""
    tail = (GRID >= 12) & (total > 0)
    if tail.sum() < 2:
        return np.zeros(len(GRID))
    x, y, w = GRID[tail], np.log(total[tail]), total[tail]
    centre = (w * x).sum() / w.sum()
    mean = (w * y).sum() / w.sum()
    slope = -(w * (x - centre) * (y - mean)).sum() / max((w * (x - centre) ** 2).sum(), 1e-9)
    return np.asarray(np.exp(mean - np.clip(slope, 0.02, 0.12) * (GRID - centre)))


def _prior(limit: Floats) -> Floats:
    """False alarms per series and week before anything was seen: 4 at 3.6, 1 at 6, a quarter at 9.5, then falling by e every 2.2."""
    inside = np.exp(np.interp(limit, [3.6, 6.0, 9.5], np.log([4.0, 1.0, 0.25])))
    below = 4.0 * np.exp((3.6 - limit) / 1.7)
    beyond = 0.25 * np.exp(-(limit - 9.5) / 2.2)
    return np.asarray(np.where(limit < 3.6, below, np.where(limit > 9.5, beyond, inside)))

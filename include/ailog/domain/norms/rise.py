"""Slow rises: the level of a series climbs over days while no single window stands out.

The mean of the last days is held against the days of the weeks before, both as logarithms of the daily level (events over the profile of
the week), with the spread of those days themselves: drift from day to day is in it. A jump is no slow rise: it is told when it happens.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final

import numpy as np

from ailog.domain.norms.apart import median
from ailog.domain.norms.grid import Bools, Floats

RECENT: Final = 3
"""Days that must stand above, together and each."""
_GAP: Final = 4
"""Days between them and the base: the rise itself."""
_BASE: Final = 21
_LEAST_BASE: Final = 8
_LEAST_EVENTS: Final = 60.0
_RATIO: Final = 1.5
_STEP: Final = 0.7
"""The share of the rise that a single day may bring."""
_LEAST_SPREAD: Final = 0.08
_ALARMS: Final = 4
"""Windows of a day that may alarm by themselves; they are left out. With more, the rise is told by them."""


@dataclass(frozen=True)
class Rise:
    """As of the start of a day, by series (S,)."""

    score: Floats
    """-ln of the probability by chance; 0 where a condition is not met."""
    level: Floats
    """Counts a window over the last days; NaN where not known."""
    base: Floats
    """Counts a window over the weeks before."""


def rises(counts: Floats, profile: Floats, flagged: Bools) -> Rise:
    """Looks at n days: counts and profile (S, n, 96), NaN counts where not read, and the windows that alarmed by themselves."""
    read = np.isfinite(counts) & ~_near(flagged)
    exposure = np.where(read, profile, 0.0).sum(2)
    events = np.where(read, counts, 0.0).sum(2)
    level = np.where(exposure > 24, events / np.maximum(exposure, 1e-9), np.nan)
    quiet = flagged.sum(2) <= _ALARMS
    today = _as_of(level, events, quiet)
    before = _as_of(level[:, :-1], events[:, :-1], quiet[:, :-1])
    told = before.score > 0  # told on the first day of it
    return Rise(np.where(told, 0.0, today.score), today.level, today.base)


def _near(flagged: Bools) -> Bools:
    flat = flagged.reshape(len(flagged), -1)
    found = flat.copy()
    for step in (1, 2):
        found[:, step:] |= flat[:, :-step]
        found[:, :-step] |= flat[:, step:]
    return found.reshape(flagged.shape)


def _as_of(level: Floats, events: Floats, quiet: Bools) -> Rise:
    series, days = level.shape
    unknown = np.full(series, np.nan)
    if days < RECENT + _GAP + _LEAST_BASE:
        return Rise(np.zeros(series), unknown, unknown)
    logs = np.log(np.maximum(level, 1e-6))
    recent, base = logs[:, -RECENT:], logs[:, -RECENT - _GAP - _BASE : -RECENT - _GAP]
    known = np.isfinite(base).sum(1)
    with np.errstate(invalid="ignore", divide="ignore"):
        middle = median(base)
        spread = 1.4826 * median(np.abs(base - middle[:, None]))
        usual = np.nansum(np.where(np.isfinite(base), events[:, -RECENT - _GAP - _BASE : -RECENT - _GAP], 0.0), axis=1) / np.maximum(
            known, 1
        )
        spread = np.sqrt(np.maximum(spread, _LEAST_SPREAD) ** 2 + 1 / np.maximum(usual, 1.0))
        rise = recent.mean(1) - middle
        # Days of one week hang together: three of them are worth little more than one.
        z = rise / (spread * np.sqrt(1 / 2 + 1 / np.maximum(known, 1)))
        steps = np.diff(logs[:, -RECENT - _GAP - 1 :], axis=1).max(1)
        slow = steps < _STEP * rise
        met = (
            (known >= _LEAST_BASE)
            & np.isfinite(recent).all(1)
            & (rise > math.log(_RATIO))
            & (recent > middle[:, None] + spread[:, None]).all(1)
        )
        met &= slow & quiet[:, -RECENT:].all(1) & (events[:, -RECENT:].sum(1) >= _LEAST_EVENTS)
    score = np.where(met, _log_tail(np.nan_to_num(z)), 0.0)
    return Rise(score, np.exp(recent.mean(1)), np.exp(middle))


def _log_tail(z: Floats) -> Floats:
    """-ln of the upper tail of the normal distribution beyond z by its asymptotic series (Abramowitz and Stegun 26.2.12); 0 for z < 2."""
    x = np.maximum(z, 2.0)
    found = x**2 / 2 + np.log(x * math.sqrt(2 * math.pi)) - np.log1p(-1 / x**2 + 3 / x**4 - 15 / x**6)
    return np.asarray(np.where(z >= 2.0, found, 0.0))

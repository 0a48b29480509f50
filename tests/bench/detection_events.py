"""Events of a labelled scenario: when they happen, what they add to the ordinary mean, and which of them count as truth.

A namespace has ``Style.events`` of them in six weeks on average (Poisson, at most one at a time, at least six hours apart), in the history
as well, where nobody labels them. Their starts are uniform in time.

============  =================  ===========================================================================================
kind          length             shape of what is added, as a share of its peak
============  =================  ===========================================================================================
spike         1-2 windows        1
burst         3-8 windows        U .6-1 per window, one of them 1
ramp          2-8 hours          rises linearly from 1/n to 1, then ends
plateau       2-12 hours         1
level_shift   12-60 hours        1; a share of them (``Style.lasting``) never goes back and becomes the norm
============  =================  ===========================================================================================

The peak is (factor - 1) times the ordinary mean of the window, the log of the factor Beta(1, 1.6) over ``Style.factor`` (the median is 4.5), and in
near_zero and low series at least some errors a window (log-uniform: spike and burst 3-15, ramp 3-12, plateau 1.5-8, level_shift 1-6),
because twice nothing is nothing. A factor whose expected peak stays under 3.5 deviations is drawn again, three times at most.

Truth is an event whose expected peak AND whose counted peak exceed 3 standard deviations of the ordinary noise (dispersion, AR drift and
batches included) and 3 errors, in windows that were read; of a level shift the first 16 hours. Others stay in the data with ``truth`` False:
an alarm on them is neither a hit nor false.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt
from tests.bench.detection_styles import SLOTS, Floats, Style, log_uniform

KINDS: Final = ("spike", "burst", "ramp", "plateau", "level_shift")
LENGTHS: Final = {"spike": (1, 2), "burst": (3, 8), "ramp": (8, 32), "plateau": (8, 48), "level_shift": (48, 240)}
LEAST: Final = {"spike": (3.0, 15.0), "burst": (3.0, 15.0), "ramp": (3.0, 12.0), "plateau": (1.5, 8.0), "level_shift": (1.0, 6.0)}
TRUTH_SD: Final = 3.0
TRUTH_ERRORS: Final = 3.0
ONSET: Final = 64
"""Windows of a level shift that its label looks at."""
_WANTED_SD: Final = 3.5
_APART: Final = 24
_SIX_WEEKS: Final = 42 * SLOTS


@dataclass(slots=True)
class Event:
    """One event of series ``row``, windows ``start`` to ``end`` (exclusive) counted from the start of the history."""

    row: int
    kind: str
    start: int
    end: int
    factor: float
    expected_sd: float
    lasting: bool
    norm: Floats
    """Ordinary mean and deviation in its windows (2, n), before this event."""


def schedule(rng: np.random.Generator, style: Style, windows: int) -> list[tuple[str, int, int, bool]]:
    """Kind, start, end, lasting of the events of one series, in order of time and apart from one another."""
    wanted = int(rng.poisson(style.events * windows / _SIX_WEEKS))
    free = np.ones(windows, bool)
    free[: SLOTS // 2] = False
    found = []
    kinds = np.sort(rng.choice(len(KINDS), wanted, p=style.kinds))[::-1]  # the long ones first: they need room
    for kind in (KINDS[number] for number in kinds):
        least, most = LENGTHS[kind]
        length = round(float(log_uniform(rng, least - 0.49, most + 0.49)))
        lasting = kind == "level_shift" and bool(rng.random() < style.lasting)
        for _ in range(20):
            start = int(rng.integers(0, windows - length))
            lower, upper = max(0, start - _APART), min(windows, start + (2 * SLOTS if lasting else length) + _APART)
            if free[lower:upper].all():
                free[lower:upper] = False
                found.append((kind, start, windows if lasting else start + length, lasting))
                break
    return sorted(found, key=lambda one: one[1])


def inject(
    rng: np.random.Generator,
    style: Style,
    mean: Floats,
    spare: Floats,
    phi: float,
    *,
    row: int,
    small: bool,
) -> tuple[Floats, Floats, list[Event]]:
    """What the events of one series add to its mean; its ordinary mean with the shifts that last; the events.

    ``mean`` is the ordinary mean of the windows (T,) without batches, ``spare`` the mean and variance of what batches add (2, T), ``phi``
    dispersion with AR drift. ``small``: a series where a multiple of the mean is nothing.
    """
    norm = mean.copy()
    added = np.zeros_like(mean)
    events = []
    for kind, start, end, lasting in schedule(rng, style, len(mean)):
        part = slice(start, end)
        usual = norm[part] + spare[0, part]
        sd = np.sqrt(norm[part] + phi * norm[part] ** 2 + spare[1, part])
        shape = _shape(rng, kind, end - start)
        onset = slice(0, ONSET) if kind == "level_shift" else slice(None)
        for _ in range(4):
            factor = style.factor[0] * (style.factor[1] / style.factor[0]) ** rng.beta(1, 1.6)
            least = float(log_uniform(rng, *LEAST[kind])) if small else 0.0
            lift = np.maximum((factor - 1) * norm[part], least) * shape
            expected = float((lift / sd)[onset].max())
            if expected >= _WANTED_SD:
                break
        top = int(np.argmax((lift / sd)[onset]))
        real = float((usual[top] + lift[top]) / max(usual[top], 1e-3))
        events.append(Event(row, kind, start, end, min(real, 1000.0), expected, lasting, np.stack([usual, sd])))
        added[part] += lift
        if lasting:
            norm[part] += lift
    return added, norm, events


def _shape(rng: np.random.Generator, kind: str, length: int) -> Floats:
    if kind == "ramp":
        return np.arange(1, length + 1) / length
    if kind == "burst":
        shape = rng.uniform(0.6, 1.0, length)
        shape[rng.integers(length)] = 1.0
        return shape
    return np.ones(length)


def peak(event: Event, counts: Floats, read: npt.NDArray[np.bool_]) -> tuple[float, float, bool]:
    """Counted peak over the ordinary mean: in deviations, in errors; and whether the event is truth. Arrays (S, T); NaN when nothing was read."""
    end = min(event.end, event.start + ONSET) if event.kind == "level_shift" else event.end
    part = slice(event.start, end)
    seen = read[event.row, part]
    if not seen.any():
        return float("nan"), float("nan"), False
    usual, sd = event.norm[:, : end - event.start]
    over = (counts[event.row, part] - usual)[seen]
    in_sd = float((over / sd[seen]).max())
    errors = float(over.max())
    return in_sd, errors, bool(event.expected_sd > TRUTH_SD and in_sd > TRUTH_SD and errors >= TRUTH_ERRORS)

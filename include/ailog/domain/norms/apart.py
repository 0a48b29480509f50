"""What stands apart in the history of a series, by the counts alone: incidents must not teach what is usual."""

from __future__ import annotations

from typing import Final

import numpy as np

from ailog.domain.norms.grid import Bools, Floats, Ints

_ROUGH_PHI: Final = 0.1
_BLOCK: Final = 8
"""Windows that are summed: two hours."""
_FAR: Final = 5.0
"""Deviations above the norm."""


def apart(y: Floats, mask: Floats, expected: Floats, phi: Floats, kind: Ints) -> Bools:
    """Windows far above the norm, alone or as one of two hours, and those beside them: incidents that the norm does not learn.

    What comes again is learned: slots that are far above on half of the days of a kind or on most of the last days, and a level that has
    stayed far above for the last four days.
    """
    series = len(y)
    spread = phi[:, None, None]
    far = (y > expected + _FAR * np.sqrt(expected + spread * expected**2) + 2) & (mask > 0)
    count, mean = (_sums(part.reshape(series, -1)) for part in (y * mask, expected * mask))
    over = count > mean + _FAR * np.sqrt(mean + spread[:, 0] / 3 * mean**2) + 3
    read = mask > 0
    found = (_covered(over) | _beside(far.reshape(series, -1))).reshape(y.shape) & read
    for number in range(7):
        of_kind = kind == number
        again = found[:, of_kind].sum(1)
        habit = (again >= 2) & (again >= 0.5 * read[:, of_kind].sum(1))
        found[:, of_kind] &= ~habit[:, None]
    found[:, -7:] &= ~(found[:, -7:].sum(1) >= 4)[:, None]
    whole = found.sum(2) > 0.5 * read.sum(2)
    lasting = np.cumprod(whole[:, ::-1], axis=1)[:, ::-1].astype(bool)
    found &= ~(lasting & (lasting.sum(1) >= 4)[:, None])[:, :, None]
    return np.asarray(found)


def _sums(values: Floats) -> Floats:
    """Sums of eight consecutive windows, by the first of them."""
    total = np.cumsum(np.pad(values, ((0, 0), (1, 0))), axis=1)
    return np.asarray(total[:, _BLOCK:] - total[:, :-_BLOCK])


def _covered(over: Bools) -> Bools:
    """Windows within any of the blocks."""
    found = np.pad(over, ((0, 0), (0, _BLOCK - 1)))
    for step in (1, 2, 4):
        found[:, step:] |= found[:, :-step]
    return found


def _beside(flags: Bools) -> Bools:
    found = flags.copy()
    found[:, 1:] |= flags[:, :-1]
    found[:, :-1] |= flags[:, 1:]
    return found


def rough_phi(counts: Floats) -> Floats:
    """(S,): over-dispersion from the differences within hours, which neither levels nor incidents of hours disturb: a first guess.

    The median of the variance of four windows is .79 of its mean. Hours of less than two counts a window tell nothing.
    """
    hours = counts.reshape(len(counts), -1, 4)
    mean = hours.mean(2)
    square = ((hours - mean[:, :, None]) ** 2).sum(2) / 3
    with np.errstate(invalid="ignore"):
        telling = mean >= 2
    found = np.where(telling, (square / 0.79 - mean) / np.maximum(mean, 1.0) ** 2, np.nan)
    phi = median(found, axis=1) if found.shape[1] else np.full(len(counts), np.nan)
    told = telling.sum(1)
    phi = (told * np.clip(np.nan_to_num(phi), 0.0, 1.0) + 24 * _ROUGH_PHI) / (told + 24)
    return np.asarray(np.maximum(phi, 0.02))


def usual_mean(events: Floats, cells: Floats) -> Floats:
    """(S,): the mean a window, days far above it cut down to what is likely."""
    total = np.maximum(cells.sum(1), 1.0)
    mean = events.sum(1) / total
    for _ in range(8):
        expected = mean[:, None] * cells
        mean = np.minimum(events, 2 * expected + 4 * np.sqrt(expected) + 2).sum(1) / total
    return np.asarray(mean)


def median(values: Floats, axis: int = -1) -> Floats:
    """The median along an axis, NaN left out; NaN where nothing is known."""
    if values.shape[axis] == 0:
        return np.full(np.delete(values.shape, axis), np.nan)
    ordered = np.sort(values, axis=axis)
    known = np.isfinite(values).sum(axis=axis, keepdims=True)
    low = np.take_along_axis(ordered, np.maximum(known - 1, 0) // 2, axis)
    high = np.take_along_axis(ordered, np.minimum(known // 2, values.shape[axis] - 1), axis)
    return np.asarray(np.squeeze((low + high) / 2, axis))

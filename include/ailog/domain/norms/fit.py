"""The norm of one local day, learned from the days before it: a level of each day times a profile of the week, and a spread.

Counts are taken as negative binomial with mean ``level * profile`` and variance ``mean + phi * mean**2``. What incidents left in the
history is left out or clipped (after Farrington et al. 1996 and Noufaily et al. 2013), profiles of few events are pulled towards coarser
ones (a normal-normal posterior mean), and single slots that differ from their neighbours beyond chance keep their own value (James and
Stein 1961).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from ailog.domain.norms.apart import apart, median, rough_phi, usual_mean
from ailog.domain.norms.grid import SLOTS, Bools, Floats, Ints

MEMORY_DAYS: Final = 56
_KERNEL: Final = (1 / 9, 2 / 9, 3 / 9, 2 / 9, 1 / 9)
_SMOOTHED: Final = 4.0
"""About as many slots stand behind a smoothed value (1 / sum of the squared kernel)."""
_HALF_LIFE: Final = 28.0
_ROUNDS: Final = 4
_PHI_PRIOR: Final = 0.2
_PHI_WEIGHT: Final = 20.0
_PHI_BOUNDS: Final = (0.004, 4.0)
_CLIP_CORRECTION: Final = 1.12
_FEW_A_DAY: Final = 30.0
_FLAT_BELOW: Final = 0.4
_STEP: Final = 16.0
_WORKDAYS: Final = 5


@dataclass(frozen=True)
class Norm:
    """What is usual on one local day, one element per series (S)."""

    profile: Floats
    """(S, 7, 96): by kind of day and slot; mean 1 over the week."""
    level: Floats
    """(S,): counts a window, now."""
    phi: Floats
    """(S,): over-dispersion of one window."""
    spread: Floats
    """(S, 96): factor of the variance by slot, 1 to 4."""
    levels: Floats
    """(S, n): the level of each day of history."""
    mean: Floats
    """(S, n, 96): what was expected of the history."""
    deviation: Floats
    """(S, n, 96): standard deviation of that."""


def fit(counts: Floats, usable: Bools, kind: Ints) -> Norm:
    """Learns from n days, the last of them yesterday.

    ``counts`` (S, n, 96), ``usable`` says which windows may enter, ``kind`` (n,) is 0 Monday to 6 Sunday.
    """
    y = np.where(usable, counts, 0.0)
    mask = usable.astype(float)
    mask *= ~_silent(y, mask)[:, :, None]
    age = np.arange(counts.shape[1], 0, -1) - 1.0
    decay = 0.5 ** (age / _HALF_LIFE)
    members = np.eye(7)[kind]
    mean = usual_mean((y * mask).sum(2), mask.sum(2))
    level, profile = _start(y, mask, kind, mean)
    phi = rough_phi(counts)
    weight = np.ones(level.shape)
    few = mean * SLOTS < _FEW_A_DAY
    for turn in range(_ROUNDS):
        expected = np.maximum(level[:, :, None] * profile[:, kind], 1e-9)
        variance = expected + phi[:, None, None] * expected**2
        sd = np.sqrt(variance)
        clipped = np.clip(y, expected - 4 * sd, expected + (5.0 if turn == 0 else 3.5) * sd + 1)
        inside = mask * ~apart(y, mask, expected, phi, kind)
        share = inside * decay[:, None] * weight[:, :, None] * (expected / variance)
        events, exposure = _of_kinds(share * clipped, kind), _of_kinds(share * level[:, :, None], kind)
        profile = _profile(events, exposure)
        known = (inside * profile[:, kind]).sum(2)
        seen = (inside * np.minimum(y, clipped)).sum(2)
        daily = np.where(known > 0, seen / np.maximum(known, 1e-9), np.nan)
        level = _levels(daily, seen, known, few, mean)
        low = np.divide(level, daily, out=np.ones_like(level), where=np.isfinite(daily) & (daily > 0))
        low[(daily == 0) & (level > 0)] = np.inf
        odd = (low > 1.6) & (level * known > 40)
        share_odd = (odd @ members) / np.maximum((known > 0) @ members, 1.0)
        weight = np.where(odd & (share_odd[:, kind] <= 0.4), 0.0, 1.0)
        expected = np.maximum(level[:, :, None] * profile[:, kind], 1e-9)
        phi = _dispersion(y, expected, inside * weight[:, :, None], phi)
    scale = profile.mean((1, 2))
    scale = np.where(scale > 0, scale, 1.0)
    profile, level, daily = profile / scale[:, None, None], level * scale[:, None], daily * scale[:, None]
    expected = np.maximum(level[:, :, None] * profile[:, kind], 1e-9)
    sd = np.sqrt(expected + phi[:, None, None] * expected**2)
    now = _level_now(daily, seen, known / scale[:, None], few, mean)
    return Norm(profile, now, phi, _spread(y, expected, sd, inside * weight[:, :, None]), level, expected, sd)


def smooth(values: Floats) -> Floats:
    """The kernel mean over neighbouring slots, circular over the last axis."""
    return np.asarray(sum(part * np.roll(values, place - 2, axis=-1) for place, part in enumerate(_KERNEL)))


def _of_kinds(cells: Floats, kind: Ints) -> Floats:
    """(S, 7, 96): the sums over the days of each kind."""
    return np.stack([cells[:, kind == number].sum(1) for number in range(7)], axis=1)


def _silent(y: Floats, mask: Floats) -> Bools:
    """(S, n): days without anything where more than 30 are expected. They say that nothing came, not that nothing happened."""
    sums, read = y.sum(2), mask.sum(2)
    rate = median(np.where(read > 0, sums / np.maximum(read, 1), np.nan), axis=1)
    return np.asarray((sums == 0) & (np.nan_to_num(rate)[:, None] * read > 30))


def _start(y: Floats, mask: Floats, kind: Ints, mean: Floats) -> tuple[Floats, Floats]:
    """A first level by day and profile by kind of day, from trimmed means; series of few events begin flat."""
    hours = y.reshape(*y.shape[:2], 24, 4).sum(3)
    read = mask.reshape(*y.shape[:2], 24, 4).sum(3)
    rate = np.where(read > 0, hours / np.maximum(read, 1), np.nan)
    ordered = np.sort(rate, axis=2)
    known = np.isfinite(rate).sum(2)
    inner = np.arange(24) < np.maximum(known - 3, 1)[:, :, None]
    with np.errstate(invalid="ignore"):
        daily = np.where(known > 0, np.where(inner, ordered, 0).sum(2) / np.maximum(np.minimum(known, np.maximum(known - 3, 1)), 1), np.nan)
    level = np.maximum(np.nan_to_num(_running_median(daily), nan=0.0), 1e-3)
    level = np.where(np.isfinite(level), level, 1e-3)
    ratio = rate / level[:, :, None]
    profile = np.ones((len(y), 7, SLOTS))
    everyday = _trimmed(ratio)
    for days in (range(_WORKDAYS), (5,), (6,)):
        of_class = np.isin(kind, list(days))
        own = _trimmed(ratio[:, of_class]) if of_class.any() else everyday
        own = np.where(np.isfinite(own), own, everyday)
        for day in days:
            profile[:, day] = np.repeat(np.nan_to_num(own, nan=1.0), 4, axis=1)
    flat = mean < _FLAT_BELOW
    profile[flat] = 1.0
    level[flat] = np.maximum(mean[flat, None], 1e-3)
    return level, np.maximum(profile, 1e-3)


def _trimmed(ratio: Floats) -> Floats:
    """(S, 24): the mean over days without the highest 15 %; NaN where nothing is known."""
    ordered = np.sort(ratio, axis=1)
    known = np.isfinite(ratio).sum(1)
    keep = np.maximum(known - np.ceil(0.15 * known).astype(int), np.minimum(known, 1))
    inside = np.arange(ratio.shape[1])[None, :, None] < keep[:, None, :]
    return np.asarray(np.where(keep > 0, np.where(inside, np.nan_to_num(ordered), 0.0).sum(1) / np.maximum(keep, 1), np.nan))


def _profile(events: Floats, exposure: Floats) -> Floats:
    """(S, 7, 96) from events and exposure of the kinds of day: all days, then working days, Saturdays, Sundays, then the weekday."""
    every_events, every = events.sum(1), exposure.sum(1)
    ratio, information = _smoothed(every_events, every)
    mean = every_events.sum(1, keepdims=True) / np.maximum(every.sum(1, keepdims=True), 1e-9)
    common = np.maximum((information * ratio + mean) / (information + 1.0), 1e-4)
    found = np.empty_like(events)
    for days in (slice(0, _WORKDAYS), slice(5, 6), slice(6, 7)):
        own_events, own = events[:, days].sum(1), exposure[:, days].sum(1) * common
        ratio, information = _smoothed(own_events, own)
        mean = (own_events.sum(1, keepdims=True) + 3) / (own.sum(1, keepdims=True) + 3)
        factor = (information * ratio + 4.0 * mean) / (information + 4.0)
        raw = own_events / np.maximum(own, 1e-9)
        distance = (raw / np.maximum(factor, 1e-9) - 1) ** 2 * own * factor
        factor = factor + np.clip(1 - _STEP / np.maximum(distance, 1e-9), 0, None) * (raw - factor)
        found[:, days] = np.maximum(common * factor, 1e-4)[:, None]
    own = exposure[:, :_WORKDAYS] * found[:, :_WORKDAYS]
    ratio, information = _smoothed(events[:, :_WORKDAYS], own)
    mean = (events[:, :_WORKDAYS].sum(2, keepdims=True) + 10) / (own.sum(2, keepdims=True) + 10)
    found[:, :_WORKDAYS] *= (information * ratio + 40.0 * mean) / (information + 40.0)
    return np.maximum(found, 1e-4)


def _smoothed(events: Floats, exposure: Floats) -> tuple[Floats, Floats]:
    """The smoothed ratio of events to exposure, and how many events stand behind it."""
    below = smooth(exposure)
    return smooth(events) / np.maximum(below, 1e-9), _SMOOTHED * below


def _levels(daily: Floats, seen: Floats, known: Floats, few: Bools, mean: Floats) -> Floats:
    """(S, n): a running median over seven days; for few events the mean over fifteen, pulled to the series' own."""
    level = _running_median(daily)
    level = np.where(np.isfinite(level), level, mean[:, None])
    if few.any():
        events, expected = (_running_sum(part[few], 7) for part in (seen, known))
        own = np.maximum(mean[few], 1e-4)[:, None]
        level[few] = (events + 3.0) / (expected + 3.0 / own)
    return np.maximum(level, 1e-4)


def _level_now(daily: Floats, seen: Floats, known: Floats, few: Bools, mean: Floats) -> Floats:
    """The level that today begins with. The higher of two estimates, so that a holiday or a quiet day lowers nothing."""
    age = np.arange(daily.shape[1], 0, -1) - 1.0
    usual = median(daily[:, -7:], axis=1)
    share = np.where(np.isfinite(daily), 0.5 ** (age / 2.0), 0.0)
    recent = (share * np.nan_to_num(daily)).sum(1) / np.maximum(share.sum(1), 1e-9)
    now = np.fmax(usual, np.where(share.sum(1) > 0, recent, np.nan))
    before = median(daily[:, -35:-9], axis=1) if daily.shape[1] > 9 else np.full(len(daily), np.nan)
    yesterday = daily[:, -1] if daily.shape[1] else np.full(len(daily), np.nan)
    with np.errstate(invalid="ignore", divide="ignore"):
        over = (now > 1.5 * yesterday) & (np.abs(np.log(yesterday / before)) < np.log(1.28)) & ~few
    now = np.where(over, yesterday, now)
    if few.any():
        decay = 0.5 ** (age / 7.0)
        own = np.maximum(mean[few], 1e-4)
        now[few] = ((decay * seen[few]).sum(1) + 3.0) / ((decay * known[few]).sum(1) + 3.0 / own)
    return np.maximum(np.where(np.isfinite(now), now, mean), 1e-4)


def _dispersion(y: Floats, expected: Floats, mask: Floats, phi: Floats) -> Floats:
    """Over-dispersion by moments, weighted by information; windows far outside are left out.

    What a profile was fitted to lies closer to it than what comes: by some 4 %, less where few events draw it to coarser ones.
    """
    square = (y - expected) ** 2
    variance = expected + phi[:, None, None] * expected**2
    weight = mask * (expected / variance) ** 2 * (square <= 16 * variance + 4)
    fitted = 1 + 0.04 * expected / (expected + 0.5)
    above = _CLIP_CORRECTION * (weight * (fitted * square - expected)).sum((1, 2)) + _PHI_WEIGHT * _PHI_PRIOR
    return np.asarray(np.clip(above / ((weight * expected**2).sum((1, 2)) + _PHI_WEIGHT), *_PHI_BOUNDS))


def _spread(y: Floats, expected: Floats, sd: Floats, mask: Floats) -> Floats:
    """(S, 96): how much wider than the rest of the day a slot is."""
    z = np.minimum(((y - expected) / sd) ** 2, 9.0) * mask
    return np.clip((2.1 * smooth(z.sum(1)) + 40) / (2 * smooth(mask.sum(1)) + 40), 1.0, 4.0)


def _running_median(values: Floats, reach: int = 3) -> Floats:
    padded = np.pad(values, ((0, 0), (reach, reach)), constant_values=np.nan)
    return median(np.lib.stride_tricks.sliding_window_view(padded, 2 * reach + 1, axis=1), axis=2)


def _running_sum(values: Floats, reach: int) -> Floats:
    padded = np.pad(values, ((0, 0), (reach + 1, reach)))
    total = np.cumsum(padded, axis=1)
    return np.asarray(total[:, 2 * reach + 1 :] - total[:, : -2 * reach - 1])

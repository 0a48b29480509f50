"""Slots in which a series jumps for a short while on many days: nightly jobs and their like, which are no incidents."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from ailog.domain.norms.fit import Norm
from ailog.domain.norms.grid import SLOTS, Bools, Floats, Ints

_MEMORY: Final = 35
_JUMP: Final = 5.0
"""Deviations over both sides."""
_LEAST: Final = 3.0
"""Errors that a jump has more than."""
_PRIOR_CV: Final = 0.4
_PRIOR_HITS: Final = 2.0


@dataclass(frozen=True)
class Batches:
    """By series and slot of one day (S, 96): whether a batch is usual there, how high it is in levels, and how much that varies (CV)."""

    usual: Bools
    size: Floats
    variation: Floats


def batches(counts: Floats, hit: Bools, norm: Norm, kind: Ints, today: int, later: Ints | None = None) -> Batches:
    """Looks for slots that jump on many days like today.

    ``counts`` (S, n, 96) with NaN for windows that were not read, ``hit`` their ``jumps``, ``kind`` (n,) their kinds of day; the last is
    yesterday. ``later`` (n,) says by how many slots the local clock was put forward since each day. After a change of it, a job may
    have kept to the local time or to universal time: both slots are usual then, with what is wider.
    """
    keep = min(counts.shape[1], _MEMORY)
    y, hit, kind = counts[:, -keep:], hit[:, -keep:], kind[-keep:]
    height = _highest(np.where(hit, y, 0.0)) / np.maximum(norm.levels[:, -keep:, None], 1e-6)
    near, read = _reached(hit), np.isfinite(y)
    found = _usual(near, read, height, kind, today)
    if later is None or not later[-keep:].any():
        return found
    place = (np.arange(SLOTS) - later[-keep:, None]) % SLOTS
    near, read, height = (np.take_along_axis(part, place[None], axis=2) for part in (near, read, height))
    other = _usual(near, read, height, kind, today)
    size, variation = np.maximum(found.size, other.size), np.maximum(found.variation, other.variation)
    return Batches(found.usual | other.usual, size, variation)


def _usual(near: Bools, read: Bools, height: Floats, kind: Ints, today: int) -> Batches:
    same_day = kind == today
    same_class = _classes(kind) == _classes(np.array([today]))[0]
    hits, seen = near.sum(1), read.sum(1)
    on_day, seen_day = near[:, same_day].sum(1), read[:, same_day].sum(1)
    on_class, seen_class = near[:, same_class].sum(1), read[:, same_class].sum(1)
    last_class = np.flatnonzero(same_class)[-10:]
    usual = (on_day >= 2) & (on_day >= 0.5 * seen_day)
    usual |= (hits >= 3) & (hits >= 0.12 * seen) & (on_class >= 2) & (on_class >= 0.10 * seen_class)
    usual |= (near[:, -7:].sum(1) >= 2) & (near[:, last_class].sum(1) >= 1)
    count = np.maximum(hits, 1)
    size = np.where(near, height, 0.0).sum(1) / count
    square = np.where(near, (height - size[:, None]) ** 2, 0.0).sum(1)
    variance = (square / np.maximum(size, 1e-9) ** 2 + _PRIOR_HITS * _PRIOR_CV**2) / (hits + _PRIOR_HITS)
    return Batches(usual, size, np.sqrt(variance))


def no_batches(series: int) -> Batches:
    """As long as nothing is known."""
    return Batches(np.zeros((series, SLOTS), bool), np.zeros((series, SLOTS)), np.full((series, SLOTS), _PRIOR_CV))


def _classes(kind: Ints) -> Ints:
    return np.where(kind < 5, 0, kind)


def jumps(counts: Floats, phi: Floats) -> Bools:
    """Windows (S, n, 96) that stand out of both sides, so that incidents of hours and steps of the day are none.

    A side is the mean of the windows 4 to 9 away without the highest; a side of which nothing was read is as quiet as the other.
    """
    series = len(counts)
    flat = counts.reshape(series, -1)
    length = flat.shape[1]
    padded = np.pad(flat, ((0, 0), (9, 9)), constant_values=np.nan)
    read = np.isfinite(padded)
    filled = np.where(read, padded, 0.0)
    total, known, highest = (np.zeros((series, length + 13)) for _ in range(3))
    for step in range(6):
        part = slice(step, step + length + 13)
        total += filled[:, part]
        known += read[:, part]
        np.maximum(highest, filled[:, part], out=highest)
    side = (total - highest) / np.maximum(known - 1, 1)
    base = np.maximum(side[:, :length], side[:, 13:])
    limit = np.maximum(base + _JUMP * np.sqrt(base + phi[:, None] * base**2) + 1, 2 * base)
    return np.asarray((filled[:, 9 : 9 + length] > np.maximum(limit, _LEAST)).reshape(counts.shape))


def _reached(hit: Bools) -> Bools:
    """Days on which the slot or one beside it was hit."""
    flat = hit.reshape(len(hit), -1)
    near = flat.copy()
    near[:, 1:] |= flat[:, :-1]
    near[:, :-1] |= flat[:, 1:]
    return near.reshape(hit.shape)


def _highest(values: Floats) -> Floats:
    """The highest of the slot and the two beside it."""
    flat = values.reshape(len(values), -1)
    found = flat.copy()
    found[:, 1:] = np.maximum(found[:, 1:], flat[:, :-1])
    found[:, :-1] = np.maximum(found[:, :-1], flat[:, 1:])
    return found.reshape(values.shape)

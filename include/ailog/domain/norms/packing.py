"""Norms, memories and states of many series as one row of bytes for each series, and back.

A row holds the numbers of all arrays of a dataclass in the order of its fields, as 8-byte floats: what comes back is bit for bit what went
in, so a window that is judged again from stored norms gets the same verdict.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields, is_dataclass, replace
from typing import Any, TypeVar

import numpy as np

from ailog.domain.norms.batches import Batches
from ailog.domain.norms.fit import Norm
from ailog.domain.norms.grid import SLOTS, Floats, Ints
from ailog.domain.norms.history import Memory
from ailog.domain.norms.rise import Rise, rises

T = TypeVar("T")


@dataclass(frozen=True)
class Today:
    """All that judging the windows of one day needs: its norm (the profile of its kind of day alone), batch slots, dispersion of sums."""

    norm: Norm
    usual: Batches
    phi_sum: Floats
    days: Floats
    """(S,): days of history that were read."""
    rise: Rise
    """What the days before it rose to."""


def todays(memory: Memory, kind: int, offset: int) -> Today | None:
    """The norm of a day of this kind and clock after a memory, as in ``Memory.learn``; None without any day."""
    learned = memory.learn(kind, offset)
    if learned is None:
        return None
    norm, usual, phi_sum = learned
    series = len(phi_sum)
    lean = replace(
        norm,
        profile=norm.profile[:, kind : kind + 1],
        levels=np.empty((series, 0)),
        mean=np.empty((series, 0, SLOTS)),
        deviation=np.empty((series, 0, SLOTS)),
    )
    rise = rises(memory.counts, norm.profile[:, memory.kind], memory.flagged)
    return Today(lean, usual, phi_sum, np.isfinite(memory.counts).any(2).sum(1).astype(float), rise)


def pack(value: Any) -> list[bytes]:
    """One row of bytes a series."""
    leaves = [leaf for leaf in _leaves(value) if leaf.size]
    series = len(leaves[0])
    return [row.tobytes() for row in np.concatenate([leaf.reshape(series, -1).astype("<f8") for leaf in leaves], axis=1)]


def unpack(rows: Sequence[bytes | None], like: T) -> tuple[T, np.ndarray]:
    """What was packed, shaped and typed like a value of any number of series; and which rows were of use (S,).

    A row that is None, or of another length (written by another version), is of no use: its numbers are NaN or False.
    """
    leaves = _leaves(like)
    sizes = [int(np.prod(leaf.shape[1:], dtype=int)) for leaf in leaves]
    width = sum(sizes)
    known = np.array([row is not None and len(row) == 8 * width for row in rows], bool)
    numbers = np.full((len(rows), width), np.nan)
    for place, row in enumerate(rows):
        if known[place]:
            numbers[place] = np.frombuffer(row or b"", "<f8")
    parts = iter(np.split(numbers, np.cumsum(sizes)[:-1], axis=1))

    def rebuilt(one: Any) -> Any:
        if is_dataclass(one) and not isinstance(one, type):
            return replace(one, **{field.name: rebuilt(getattr(one, field.name)) for field in fields(one)})
        part = next(parts).reshape(len(rows), *one.shape[1:])
        return np.nan_to_num(part).astype(bool) if one.dtype == bool else part.astype(one.dtype)

    return rebuilt(like), known


def last_day(memory: Memory) -> Record:
    """What a memory holds of its last day."""
    return Record(memory.counts[:, -1:], memory.flagged[:, -1:], memory.sum_count[:, -1:], memory.sum_mean[:, -1:])


@dataclass(frozen=True)
class Record:
    """One day of a memory: arrays (S, 1, 96)."""

    counts: Floats
    flagged: np.ndarray
    sum_count: Floats
    sum_mean: Floats

    @classmethod
    def unread(cls, series: int) -> Record:
        """A day of which nothing was read."""
        nothing = np.full((series, 1, SLOTS), np.nan)
        return cls(nothing, np.zeros((series, 1, SLOTS), bool), nothing, nothing)


def memory_of(days: Sequence[Record], kind: Ints, offset: Ints, series: int) -> Memory:
    """The memory that these days make up, oldest first; their kinds and offsets (n,) are those of ``Memory``."""
    if not days:
        return Memory.none(series)
    names = [field.name for field in fields(Record)]
    arrays = {name: np.concatenate([getattr(day, name) for day in days], axis=1) for name in names}
    return Memory(**arrays, kind=kind, offset=offset)


def _leaves(value: Any) -> list[np.ndarray]:
    if is_dataclass(value) and not isinstance(value, type):
        return [leaf for field in fields(value) for leaf in _leaves(getattr(value, field.name))]
    return [np.asarray(value)]

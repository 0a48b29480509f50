"""Which templates of one base are one family: the patterns for which the set of templates gives evidence.

A *pattern* is a template with some of its slots open. There is evidence for it when at each open slot enough different values stand in
the templates that match it, and enough words are the same in all of them. All templates that match a pattern with evidence are joined.
A template more can only add evidence, so families only ever grow together, and nothing but the set counts.

All choices of open slots are tried, up to a number that depends on the base alone; one sort per choice serves all bases at once.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from hashlib import blake2b
from itertools import combinations
from typing import Final

import numpy as np

from ailog.domain.template_family_words import MARK, NAME, WORD, Slots, is_content, weight

KNOWN_VALUE: Final = 2 * WORD
"""Evidence at a slot where the mark stands in one of the templates: two ordinary words."""
WORDS_ALONE: Final = 8 * NAME
"""Evidence at a slot where no value was seen by its form."""
MANY: Final = 2
"""Times the evidence at which what errors are about (``memory``, ``table``) joins as well: beside so many names it is one too."""
FEWEST: Final = 3
"""Different values, the mark among them, below which no slot opens."""
_ALL_SLOTS: Final = 8
_SOME_SLOTS: Final = 12
_FEW_SLOTS: Final = 24
"""Slots of a base up to which all choices of open slots are tried, those of four, those of two; beyond, one at a time."""
_ODD: Final = np.uint64(0x9E3779B97F4A7C15)


@dataclass(frozen=True, slots=True)
class Row:
    """The tokens of the templates of one error type that read the same; ``base`` numbers what they are but for the slots."""

    base: int
    error_type: str
    slots: Slots
    values: tuple[str, ...]


@dataclass(slots=True)
class _Block:
    """Rows of bases that have equally many slots at which values differ. ``shape`` of the matrices: rows x these slots."""

    rows: np.ndarray
    places: np.ndarray
    keys: np.ndarray
    total: np.ndarray
    worth: np.ndarray
    marks: np.ndarray
    content: np.ndarray
    constant: np.ndarray


def evidence(rows: Sequence[Row]) -> Iterator[tuple[list[int], tuple[int, ...]]]:
    """The patterns for which there is evidence: the numbers of the rows that match (not below two), and the places that are open."""
    for (most, _), block in _blocks(rows).items():
        width = block.keys.shape[1]
        for size in range(1, min(most, width) + 1):
            for open_slots in combinations(range(width), size):
                yield from _evident(block, open_slots)


def _most_open(slots: int) -> int:
    if slots <= _ALL_SLOTS:
        return slots
    return 4 if slots <= _SOME_SLOTS else 2 if slots <= _FEW_SLOTS else 1


def _blocks(rows: Sequence[Row]) -> dict[tuple[int, int], _Block]:
    """Rows of bases that can have evidence at all, put together by how many slots may open and how many differ."""
    by_base: dict[int, list[int]] = defaultdict(list)
    for number, row in enumerate(rows):
        by_base[row.base].append(number)
    parts: dict[tuple[int, int], list[tuple[int, tuple[int, ...]]]] = defaultdict(list)
    for members in by_base.values():
        if len(members) < FEWEST:
            continue
        slots = rows[members[0]].slots
        differing = tuple(at for at in slots if len({rows[m].values[at] for m in members}) >= FEWEST)
        if differing:
            parts[_most_open(len(slots)), len(differing)] += [(m, differing) for m in members]
    return {shape: _block(rows, part) for shape, part in sorted(parts.items())}


def _block(rows: Sequence[Row], part: Sequence[tuple[int, tuple[int, ...]]]) -> _Block:
    keys = np.array([[_hash(rows[m].values[at], column) for column, at in enumerate(slots)] for m, slots in part], np.uint64)
    rest = np.array([_rest(rows[m], slots) for m, slots in part], np.uint64)
    return _Block(
        rows=np.array([m for m, _ in part], np.int64),
        places=np.array([slots for _, slots in part], np.int64),
        keys=keys,
        total=rest + keys.sum(axis=1, dtype=np.uint64),
        worth=np.array([[weight(rows[m].values, at) for at in slots] for m, slots in part], np.int64),
        marks=np.array([[rows[m].values[at] == MARK for at in slots] for m, slots in part], bool),
        content=np.array([[is_content(rows[m].values[at]) for at in slots] for m, slots in part], np.int64),
        constant=np.array([sum(map(is_content, rows[m].values)) for m, _ in part], np.int64),
    )


def _rest(row: Row, differing: Iterable[int]) -> int:
    """One number for the base of a row and its values at all other slots."""
    left_out = set(differing)
    kept = "\x1f".join(row.values[at] for at in row.slots if at not in left_out)
    return _hash(f"{row.base}\x1e{kept}", -1)


@lru_cache(maxsize=65_536)
def _hash(text: str, column: int) -> int:
    return int.from_bytes(blake2b(f"{column}\x1d{text}".encode("utf-8", "replace"), digest_size=8).digest(), "big")


def _evident(block: _Block, open_slots: Sequence[int]) -> Iterator[tuple[list[int], tuple[int, ...]]]:
    """The patterns with these slots open for which there is evidence."""
    chosen = list(open_slots)
    pattern = block.total - block.keys[:, chosen].sum(axis=1, dtype=np.uint64)
    order = np.argsort(pattern, kind="stable")
    starts = np.flatnonzero(np.diff(pattern[order], prepend=pattern[order[:1]] ^ np.uint64(1)))
    sizes = np.diff(starts, append=len(order))
    wide = sizes >= FEWEST
    if not wide.any():
        return
    group = np.repeat(np.where(wide, np.cumsum(wide) - 1, -1), sizes)
    order, group = order[group >= 0], group[group >= 0]
    firsts = order[np.flatnonzero(np.diff(group, prepend=-1))]
    words = block.constant[firsts] - block.content[firsts][:, chosen].sum(axis=1)
    factor = np.where(words >= 2, 1, 2)
    good = words >= 1
    at_home = np.ones(len(order), bool)
    for slot in chosen:
        # A word may be worth more beside one neighbour than beside another: the most counts, whatever the order.
        different, once, which = np.unique((pattern[order] * _ODD) ^ block.keys[order, slot], return_index=True, return_inverse=True)
        worth = np.zeros(len(different), np.int64)
        np.maximum.at(worth, which, block.worth[order, slot])
        owner = group[once]
        evidence = np.bincount(owner, worth, minlength=len(firsts))
        marked = np.bincount(owner, block.marks[order[once], slot], minlength=len(firsts)) > 0
        needed = np.where(marked, KNOWN_VALUE, WORDS_ALONE) * factor
        good &= evidence >= needed
        at_home &= (block.worth[order, slot] > 0) | block.marks[order, slot] | (evidence >= MANY * needed)[group]
    for at in np.flatnonzero(good):
        yield block.rows[order[(group == at) & at_home]].tolist(), tuple(block.places[firsts[at], chosen].tolist())


__all__ = ["FEWEST", "KNOWN_VALUE", "WORDS_ALONE", "Row", "evidence"]

"""Which templates belong together: by the patterns that the set gives evidence for, and by names that wander.

A word that stands in an open place of a pattern is a value. So is a word that is seen in the place of the mark in ``SIGHTS`` different
sentences: somebody's name for a queue, a customer or a disk. Such words are read as values in every other sentence of the namespace
too, where alone they would be no evidence. Templates that read the same then are one; values in a row, values in brackets and a unit
behind a value are one value, as level 1 has it.

The set of such words only grows with the set of templates. Reading one word more as a value leaves every fold possible that was
possible before, so that templates that read the same go on reading the same.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from collections.abc import Set as AbstractSet
from itertools import combinations
from typing import Final

from ailog.domain.lexicon import UNITS
from ailog.domain.template_context import fold
from ailog.domain.template_family_patterns import Row, evidence
from ailog.domain.template_family_words import MARK, WORD, weight
from ailog.domain.template_rough import VAR

SIGHTS: Final = 2
"""Different sentences in which a word must be seen in the place of the mark."""
_AT_ONCE: Final = 3
_MOST_SLOTS: Final = 10
"""Words that are taken for the mark at once, and slots of a template up to which more than one is tried at once."""


def joined(rows: Sequence[Row]) -> list[int]:
    """The group of each row: the lowest number of a row that it belongs to, its own where there is none."""
    groups = _Groups(len(rows))
    names: set[str] = set()
    for members, places in evidence(rows):
        for member in members[1:]:
            groups.join(members[0], member)
        for at in places:
            names.update({rows[m].values[at] for m in members if weight(rows[m].values, at) >= WORD})
    names |= _seen_beside_the_mark(rows)
    names = {word for word in names if word.lower() not in UNITS}
    readings: dict[tuple[str, ...], int] = {}
    for number, row in enumerate(rows):
        groups.join(number, readings.setdefault((row.error_type, *_reading(row, names)), number))
    return [groups.of(at) for at in range(len(rows))]


def _reading(row: Row, names: AbstractSet[str]) -> list[str]:
    """The tokens with names and values as the mark, folded."""
    slots = {at for at in row.slots if row.values[at] == MARK or row.values[at] in names}
    items: list[str] = []
    for at, value in enumerate(row.values):
        if at in slots:
            items.append(VAR)
        elif not (items and items[-1] == VAR and value.lower() in UNITS):
            items.append(value)
    return fold(items)


class _Groups:
    """Numbers that belong together; a group is known by its lowest."""

    def __init__(self, size: int) -> None:
        self._parent = list(range(size))

    def of(self, at: int) -> int:
        while self._parent[at] != at:
            self._parent[at] = self._parent[self._parent[at]]
            at = self._parent[at]
        return at

    def join(self, one: int, other: int) -> None:
        a, b = self.of(one), self.of(other)
        self._parent[max(a, b)] = min(a, b)


def _seen_beside_the_mark(rows: Sequence[Row]) -> set[str]:
    by_base: dict[int, list[Row]] = defaultdict(list)
    for row in rows:
        by_base[row.base].append(row)
    sights: dict[str, set[int]] = defaultdict(set)
    for base, members in by_base.items():
        marked = {at for at in members[0].slots if any(row.values[at] == MARK for row in members)}
        if len(members) < 2 or not marked:
            continue
        there = {row.values for row in members}
        for row in members:
            for slots in _choices(row, marked):
                if _with_marks(row.values, slots) in there:
                    for at in slots:
                        sights[row.values[at]].add(base)
    return {word for word, bases in sights.items() if len(bases) >= SIGHTS}


def _choices(row: Row, marked: set[int]) -> Iterator[tuple[int, ...]]:
    words = [at for at in row.slots if at in marked and row.values[at] != MARK and weight(row.values, at) >= WORD]
    for size in range(1, (_AT_ONCE if len(row.slots) <= _MOST_SLOTS else 1) + 1):
        yield from combinations(words, size)


def _with_marks(values: tuple[str, ...], slots: Sequence[int]) -> tuple[str, ...]:
    changed = list(values)
    for at in slots:
        changed[at] = MARK
    return tuple(changed)


__all__ = ["SIGHTS", "joined"]

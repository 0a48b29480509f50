"""Problems that are one story: those that share at least half of their traces are told together."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

SHARE: Final = 0.5
MIN_TRACES: Final = 3
"""Fewer traces than this say nothing about two problems."""


@dataclass(frozen=True, slots=True)
class Overlap:
    """How many traces two problems share, and how many each has."""

    one: str
    other: str
    shared: int
    traces_of_one: int
    traces_of_other: int

    @property
    def share(self) -> float:
        """Of the smaller problem's traces, from 0 to 1."""
        return self.shared / max(1, min(self.traces_of_one, self.traces_of_other))

    @property
    def together(self) -> bool:
        """Whether the two are told as one."""
        return min(self.traces_of_one, self.traces_of_other) >= MIN_TRACES and self.share >= SHARE


def clusters(problems: Sequence[str], overlaps: Iterable[Overlap]) -> list[list[str]]:
    """The problems in groups that are told together; groups and members keep the order of ``problems``, the gravest first.

    A problem joins a group by what it shares with the group's first: a chain of pairs must not tie together what has nothing in common.
    """
    pairs: Mapping[frozenset[str], Overlap] = {frozenset((one.one, one.other)): one for one in overlaps if one.together}
    groups: list[list[str]] = []
    for problem in problems:
        home = next((group for group in groups if frozenset((group[0], problem)) in pairs), None)
        if home is None:
            groups.append([problem])
        else:
            home.append(problem)
    return groups

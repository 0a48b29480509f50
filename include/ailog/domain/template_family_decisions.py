"""What people decided about families, put over what level 2 found.

A person's word outlives every widening: a fingerprint that was split off is never joined again by itself, one that was merged stays with
what it was merged into, whatever families these two belong to later. The last word on a fingerprint counts.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True)
class Decision:
    """One decision, in the order in which they were made. ``target`` is there for a merge alone."""

    action: Literal["merge", "split"]
    fingerprint: str
    target: str | None = None


@dataclass(frozen=True, slots=True)
class Decided:
    """What holds after all decisions: fingerprints that stay on their own, and pairs that belong together (the latest last)."""

    apart: frozenset[str] = frozenset()
    joined: tuple[tuple[str, str], ...] = ()


def standing(decisions: Iterable[Decision]) -> Decided:
    """The decisions that still hold. A split undoes earlier merges of its fingerprint, a merge an earlier split of the same."""
    apart: set[str] = set()
    joined: list[tuple[str, str]] = []
    for one in decisions:
        joined = [pair for pair in joined if one.fingerprint not in (pair if one.action == "split" else pair[:1])]
        if one.action == "split":
            apart.add(one.fingerprint)
        elif one.target is not None:
            apart.discard(one.fingerprint)
            joined.append((one.fingerprint, one.target))
    return Decided(frozenset(apart), tuple(joined))


def with_merges(families: Mapping[str, str], joined: Sequence[tuple[str, str]]) -> dict[str, str]:
    """The families with those that people merged made one, named by the family of the target of the latest merge.

    A fingerprint that the families do not know (yet) stands for itself. Merging in a circle joins all of the circle.
    """
    parent: dict[str, str] = {}

    def root(family: str) -> str:
        while parent.get(family, family) != family:
            family = parent[family]
        return family

    for fingerprint, target in joined:
        source, into = root(families.get(fingerprint, fingerprint)), root(families.get(target, target))
        if source != into:
            parent[source] = into
    found = {fingerprint: root(family) for fingerprint, family in families.items()}
    for pair in joined:
        for fingerprint in pair:
            found.setdefault(fingerprint, root(fingerprint))
    return found


__all__ = ["Decided", "Decision", "standing", "with_merges"]

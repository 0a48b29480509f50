"""Families of faults from the tables in ``tests/cases/faults``: variants of one problem, and problems that look alike."""

from __future__ import annotations

import collections
import itertools
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import yaml

TABLES = Path(__file__).parents[1] / "cases" / "faults"
_PLACE = re.compile("⟦([^⟧]*)⟧")
_VARIANTS = 4


@dataclass(frozen=True)
class Family:
    """One problem: its group of look-alikes and its messages, which differ in values alone."""

    group: str
    name: str
    messages: tuple[str, ...]


@dataclass(frozen=True)
class Score:
    """F1 over families is 2 x right / (keys given + families); right is a family with one key that no other family has."""

    families: int
    f1: float
    near_pairs: int
    near_merged: int
    wrong: tuple[str, ...]


def families(table: Path) -> list[Family]:
    """The families of one table, four messages each; the same on every call."""
    content = yaml.safe_load(table.read_text(encoding="utf-8"))
    pools = {name: [str(v) for v in values] for name, values in content["pools"].items()}
    return [
        Family(f"{table.stem}/{group}", f"{table.stem}/{group}/{number}", tuple(_filled(line, i, pools) for i in range(_VARIANTS)))
        for group, block in content["groups"].items()
        for number, line in enumerate(block.strip().split("\n"))
    ]


def _filled(line: str, variant: int, pools: dict[str, list[str]]) -> str:
    places = itertools.count(1)

    def value(match: re.Match[str]) -> str:
        place, given = next(places), match.group(1)
        values = pools[given[1:]] if given[:1] == "@" and given[1:] in pools else given.split("|")
        return values[(variant + place) % len(values) if len(values) > 2 else (variant >> (place % 2)) % len(values)]

    return _PLACE.sub(value, line.replace("\\n", "\n").replace("\\t", "\t"))


def score(found: Sequence[Family], fingerprints: Callable[[Sequence[str]], list[str]]) -> Score:
    """How well a way of fingerprinting keeps families together and look-alikes apart."""
    labelled = [(family, message) for family in found for message in family.messages]
    keys = fingerprints([message for _, message in labelled])
    keys_of: dict[str, set[str]] = collections.defaultdict(set)
    owners: dict[str, set[str]] = collections.defaultdict(set)
    for (family, _), key in zip(labelled, keys, strict=True):
        keys_of[family.name].add(key)
        owners[key].add(family.name)
    wrong = [f.name for f in found if len(keys_of[f.name]) > 1 or len(owners[min(keys_of[f.name])]) > 1]
    groups: dict[str, list[str]] = collections.defaultdict(list)
    for family in found:
        groups[family.group].append(family.name)
    pairs = [pair for names in groups.values() for pair in itertools.combinations(names, 2)]
    merged = sum(bool(keys_of[a] & keys_of[b]) for a, b in pairs)
    return Score(len(found), 2 * (len(found) - len(wrong)) / (len(owners) + len(found)), len(pairs), merged, tuple(wrong))

"""Public log sets with labels: how they are read, scored, perturbed and mixed.

GA is the share of lines whose group has exactly the true members; FGA is 2 x exact groups / (found + true groups)
(Zhu et al. 2019; Jiang et al. 2024). Parsing accuracy is not taken: it compares the text of templates sign by sign, and a skeleton
leaves brackets, units and lists out on purpose.
"""

from __future__ import annotations

import collections
import csv
import os
import random
import re
from collections.abc import Hashable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).resolve().parents[2]

_WORDS: Final = """
    amber anchor apple arrow autumn badger bamboo barley beacon birch blossom bottle breeze bridge candle canyon carpet cedar cherry
    cinder clover cobalt comet copper coral cotton cradle cricket crystal dagger daisy desert dolphin dragon eagle ember engine falcon
    feather fiddle forest fountain garden ginger glacier granite harbour harvest hazel helmet heron hollow island ivory jasmine jungle
    kettle kitchen ladder lagoon lantern lavender lemon lilac linen lotus maple marble meadow mirror mountain nectar needle oak
    oasis ocean olive onion orange orchard otter oyster paddle panther parcel pepper pebble piano pigeon planet pocket quarry quartz
    quiver rabbit ribbon river rocket saddle saffron salmon satin shadow shelter silver sparrow spider spring squash statue summer
    sunset temple thunder ticket tiger timber trumpet tulip tunnel turtle valley velvet violet walnut water willow window winter
""".split()
STYLES: Final = ("plain", "snake", "camel", "title")
_BEFORE: Final = frozenset(" \t([{\"'=:,<")
_AFTER: Final = frozenset(" \t)]}\"',;:>")


@dataclass(frozen=True, slots=True)
class LogSet:
    """Lines of one program with the true event of each, and the template of that event (``<*>`` where values stand)."""

    name: str
    lines: tuple[str, ...]
    events: tuple[str, ...]
    templates: tuple[str, ...]


def shared_data() -> Path:
    """Where the shared data lie, whether they are there or not."""
    return Path(os.environ.get("AILOG_SHARED_DATA", ROOT.parent / "shared" / "data"))


def read_sets(folder: Path) -> list[LogSet]:
    """The ``*_structured.csv`` files of a folder (columns Content, EventId, EventTemplate), by name."""
    csv.field_size_limit(10**8)
    found = []
    for path in sorted(folder.glob("*_structured.csv")):
        with path.open(encoding="utf-8", errors="replace", newline="") as file:
            rows = list(csv.DictReader(file))
        columns = (tuple(row.get(c) or "" for row in rows) for c in ("Content", "EventId", "EventTemplate"))
        found.append(LogSet(path.name.split("_")[0], *columns))
    return found


def grouping_accuracy(found: Sequence[Hashable], true: Sequence[Hashable]) -> tuple[float, float]:
    """(GA, FGA) of a grouping against the true one."""
    members: dict[Hashable, set[int]] = collections.defaultdict(set)
    truth: dict[Hashable, set[int]] = collections.defaultdict(set)
    for line, (one, other) in enumerate(zip(found, true, strict=True)):
        members[one].add(line)
        truth[other].add(line)
    exact = [group for group in members.values() if truth[true[next(iter(group))]] == group]
    return sum(map(len, exact)) / len(found), 2 * len(exact) / (len(members) + len(truth))


def names(style: str, count: int = 100) -> list[str]:
    """Names whose form does not say that they are values: ordinary words, alone or two of them; the same on every call."""
    rng = random.Random(f"names {style}")
    if style in {"plain", "title"}:
        chosen = rng.sample(_WORDS, count)
        return chosen if style == "plain" else [word.title() for word in chosen]
    pairs = [rng.sample(_WORDS, 2) for _ in range(count)]
    return [f"{a}_{b}" if style == "snake" else a + b.title() for a, b in pairs]


def perturbed(given: LogSet, style: str, share: float) -> LogSet:
    """The set with the values of a share of its lines replaced by names, wherever a value is a whole word of the line."""
    rng = random.Random(f"{given.name} {style} {share}")
    pool = names(style)
    lines = [
        _renamed(line, template, pool, rng) if rng.random() < share else line
        for line, template in zip(given.lines, given.templates, strict=True)
    ]
    return LogSet(given.name, tuple(lines), given.events, given.templates)


def _renamed(line: str, template: str, pool: Sequence[str], rng: random.Random) -> str:
    if "<*>" not in template:
        return line
    match = re.fullmatch("(.*?)".join(map(re.escape, template.split("<*>"))), line, re.DOTALL)
    if match is None:
        return line
    out, at = [], 0
    for number in range(1, len(match.groups()) + 1):
        start, end = match.span(number)
        before, after = line[start - 1 : start], line[end : end + 1]
        whole = (not before or before in _BEFORE) and (not after or after in _AFTER)
        out += [line[at:start], rng.choice(pool) if whole and end > start else line[start:end]]
        at = end
    return "".join([*out, line[at:]])


def mixed(sets: Iterable[LogSet]) -> LogSet:
    """All sets as one stream, a line of each by turns; an event is named by its set too."""
    given = list(sets)
    turns = [(at, one) for at in range(max((len(s.lines) for s in given), default=0)) for one in given if at < len(one.lines)]
    return LogSet(
        "all mixed",
        tuple(one.lines[at] for at, one in turns),
        tuple(f"{one.name} {one.events[at]}" for at, one in turns),
        tuple(one.templates[at] for at, one in turns),
    )


def stream(sets: Iterable[LogSet], lines: int) -> list[str]:
    """Lines of all sets by turns, about two thirds of them made distinct by other digits (statuses keep theirs)."""
    base = [line for one in sets for line in one.lines]
    rng = random.Random(1)

    def other(match: re.Match[str]) -> str:
        return match.group(1) or "".join(rng.choice("0123456789") for _ in match.group())

    chosen = rng.choices(base, k=lines) if base else []
    return [re.sub("(status: ?[0-9]+)|[0-9]+", other, line) if rng.random() < 0.72 else line for line in chosen]


def same_partition(one: Sequence[Hashable], other: Sequence[Hashable]) -> float:
    """The share of lines whose group has the same members in both groupings."""
    groups: list[dict[Hashable, set[int]]] = [collections.defaultdict(set), collections.defaultdict(set)]
    for side, keys in zip(groups, (one, other), strict=True):
        for line, key in enumerate(keys):
            side[key].add(line)
    return sum(groups[0][a] == groups[1][b] for a, b in zip(one, other, strict=True)) / max(len(one), 1)

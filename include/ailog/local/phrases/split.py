"""Reads the harvest and splits it by package: a quarter of the packages is never trained on."""

from __future__ import annotations

import hashlib
import itertools
import json
import random
import re
from collections import defaultdict
from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

from ailog.local.phrases.filling import Filler


class Phrase(NamedTuple):
    """One format string of one package."""

    eco: str
    package: str
    text: str


def load(paths: Iterable[Path]) -> list[Phrase]:
    """The phrases of several harvests, each text once (with the first package that has it)."""
    seen: dict[str, Phrase] = {}
    for path in paths:
        for line in path.read_text(encoding="utf-8").splitlines():
            row = json.loads(line)
            seen.setdefault(bare(row["text"]), Phrase(**row))
    return list(seen.values())


def bare(text: str) -> str:
    """What two phrases share that say the same: the constant words, the places, nothing else."""
    return " ".join(re.findall(r"[a-z0-9]+|\x01", re.sub(r"⟦[^⟧]*⟧", "\x01", text).lower()))


def is_held_out(phrase: Phrase) -> bool:
    """Whether the package belongs to the quarter that is only measured on."""
    return hashlib.sha256(phrase.package.encode()).digest()[0] % 4 == 0


def others(phrases: Iterable[Phrase], part: int) -> list[str]:
    """Names that sources themselves put into the places (last parts of expressions), one half of them."""
    found: set[str] = set()
    for phrase in phrases:
        for hint in re.findall(r"⟦#?([\w.]+)⟧", phrase.text):
            name = hint.split(".")[-1]
            if 4 <= len(name) <= 24 and re.fullmatch(r"[A-Za-z_]+", name):
                found.add(name)
    return [n for n in sorted(found) if hashlib.sha256(n.lower().encode()).digest()[0] % 2 == part]


class Held(NamedTuple):
    """Families for a measure: (name, messages), and pairs of names that look alike."""

    families: list[tuple[str, list[str]]]
    near: list[tuple[str, str]]


def families(phrases: Iterable[Phrase], size: int, seed: int = 1) -> Held:
    """Families of a sample of phrases with places; look-alikes are phrases of one package that share most of their words."""
    rows = [p for p in phrases if is_held_out(p)]
    filler = Filler(1, others(rows, 1))
    rng = random.Random(seed)
    rows.sort()
    usable = [p for p in rows if "⟦" in p.text and len(re.findall(r"[A-Za-z]{2,}", re.sub(r"⟦[^⟧]*⟧", " ", p.text))) >= 3]
    by_eco: dict[str, list[Phrase]] = defaultdict(list)
    for p in usable:
        by_eco[p.eco].append(p)
    chosen = [p for eco in sorted(by_eco) for p in rng.sample(by_eco[eco], min(len(by_eco[eco]), size // len(by_eco)))]
    words = {p: frozenset(re.findall(r"[a-z]{2,}", re.sub(r"⟦[^⟧]*⟧", " ", p.text).lower())) for p in chosen}
    near: list[tuple[str, str]] = []
    by_word: dict[tuple[str, str], list[Phrase]] = defaultdict(list)
    for p in chosen:
        for w in words[p]:
            by_word[p.package, w].append(p)
    pairs = {tuple(sorted(pair)) for group in by_word.values() if len(group) < 60 for pair in itertools.combinations(group, 2)}
    for a, b in sorted(pairs):
        if len(words[a] & words[b]) >= 0.6 * len(words[a] | words[b]):
            near.append((f"{a.eco}/{a.package}/{a.text}", f"{b.eco}/{b.package}/{b.text}"))
    return Held([(f"{p.eco}/{p.package}/{p.text}", [f.text for f in filler.fill(p.text)]) for p in chosen], near)

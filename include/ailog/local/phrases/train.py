"""Learns the weights of ``domain.template_judge`` from a harvest.

    python -m ailog.local.phrases.train HARVEST.jsonl ... --out template_weights.bin [--without ECO] [--held-out]

Each phrase is filled with values of all sorts and goes through level 1; every word that level 1 would ask the judge about is an
example, a value or not. A logistic regression over hashed features, weights rounded to whole numbers.
"""

from __future__ import annotations

import argparse
import random
import re
import zlib
from collections.abc import Iterable, Sequence
from pathlib import Path

import numpy as np
import pyarrow as pa

from ailog.domain import template_context, template_judge
from ailog.domain.lexicon import COMPOUNDS, NAMELIKE, OBJECTS, THINGS
from ailog.domain.template import describe
from ailog.domain.template_judge import BITS, Window, features, window
from ailog.domain.template_rough import VAR, rough
from ailog.domain.template_words import VOCABULARY
from ailog.local.phrases import split
from ailog.local.phrases.filling import Filler

SCALE = 12.0


class _Recorder:
    """Stands in for the judge: notes each question with the true answer, other values of the text taken out or not."""

    def __init__(self) -> None:
        self.values: frozenset[str] = frozenset()
        self.seen: list[tuple[Window, bool]] = []
        self._rng = random.Random(4)

    def __call__(self, items: list[str]) -> list[str]:
        asked = template_judge.candidates(items)
        truth = {at: items[at].rstrip(":") in self.values for at in asked}
        share = self._rng.choice((0.0, 0.5, 1.0))
        hidden = {at for at in asked if truth[at] and self._rng.random() < share}
        shown = [VAR if at in hidden else item for at, item in enumerate(items)]
        for at in asked:
            given = items[at]
            shown[at], kept = given, shown[at]
            self.seen.append((window(shown, at), truth[at]))
            shown[at] = kept
        return [VAR if truth.get(at) else item for at, item in enumerate(items)]


def examples(phrases: Iterable[split.Phrase], variants: int = 2) -> list[tuple[Window, bool]]:
    """Every question that level 1 would ask about the filled phrases, with the right answer."""
    rows = list(phrases)
    nouns = sorted({*THINGS, *OBJECTS, *COMPOUNDS, *NAMELIKE})
    common = sorted(w for w in VOCABULARY if len(w) > 2 and not template_judge.is_firm(w))
    filler = Filler(0, [*split.others(rows, 0), *nouns * 3, *(n.title() for n in nouns), *common])
    rng = random.Random(3)
    texts: list[str] = []
    values: list[frozenset[str]] = []
    for phrase in rows:
        for filled in filler.fill(phrase.text, variants if "⟦" in phrase.text else 1):
            text = filled.text
            if rng.random() < 0.15:
                text = rng.choice(("ERROR ", "Error: ", "java.lang.IllegalStateException: ", "request failed: ", "level=error msg=")) + text
            texts.append(text)
            values.append(frozenset(part for v in filled.values for part in {v, *re.split(r"[ .:/]", v)} if part))
    recorder = _Recorder()
    original = template_judge.judged
    setattr(template_context, "judged", recorder)  # noqa: B010
    try:
        for text, known in zip(rough(pa.array(texts, pa.string())).to_pylist(), values, strict=True):
            recorder.values = known
            describe(text)
    finally:
        setattr(template_context, "judged", original)  # noqa: B010
    return recorder.seen


def learn(found: Sequence[tuple[Window, bool]], epochs: int = 4) -> np.ndarray:
    """Weights, int8, one a bucket."""
    ids = np.array([features(seen) for seen, _ in found], np.int32)
    truth = np.array([label for _, label in found], np.float32)
    weights, squares = np.zeros(1 << BITS, np.float32), np.full(1 << BITS, 1e-3, np.float32)
    mean = np.zeros(1 << BITS, np.float64)
    rng, size, steps = np.random.default_rng(7), 16_384, 0
    for epoch in range(epochs):
        order = rng.permutation(len(ids))
        for start in range(0, len(order), size):
            batch = order[start : start + size]
            rows = ids[batch]
            wrong = 1 / (1 + np.exp(-weights[rows].sum(axis=1))) - truth[batch]
            gradient = np.bincount(rows.ravel(), np.repeat(wrong, rows.shape[1]), 1 << BITS).astype(np.float32)
            gradient += 0.03 * np.sign(weights) * (gradient != 0)
            squares += gradient * gradient
            weights -= 0.25 * gradient / np.sqrt(squares)
            if epoch:
                mean += weights
                steps += 1
        p = weights[ids[:100_000]].sum(axis=1) > 0
        print(f"epoch {epoch}: right {np.mean(p == (truth[:100_000] > 0)):.4f}", flush=True)
    return np.clip(np.round(SCALE * mean / steps), -127, 127).astype(np.int8)


def main(arguments: Sequence[str] | None = None) -> int:
    """Writes the weights."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("harvest", nargs="+", type=Path)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--without", default="", help="an ecosystem to leave out")
    parser.add_argument("--all", action="store_true", help="train on all packages, the held-out quarter too")
    given = parser.parse_args(arguments)
    rows = [p for p in split.load(given.harvest) if (given.all or not split.is_held_out(p)) and p.eco != given.without]
    rng = random.Random(2)
    rows = sorted(rows)
    told = [p for p in rows if "⟦" in p.text]
    plain = [p for p in rows if "⟦" not in p.text]
    plain = rng.sample(plain, min(len(plain), len(told) * 3 // 4))
    rows = [*told, *plain]
    rng.shuffle(rows)
    print(f"{len(told)} phrases with places, {len(plain)} without, {len({p.package for p in rows})} packages", flush=True)
    found = examples(rows)
    print(f"{len(found)} examples, {sum(v for _, v in found)} values", flush=True)
    weights = learn(found)
    given.out.write_bytes(zlib.compress(weights.tobytes(), 9))
    print(f"{np.count_nonzero(weights)} weights, {given.out.stat().st_size} bytes")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())

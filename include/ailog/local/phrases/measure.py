"""Scores the fingerprints on families made of packages that were never trained on.

python -m ailog.local.phrases.measure HARVEST.jsonl ... [--families 4000]
"""

from __future__ import annotations

import argparse
from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path

from ailog.domain.fingerprint import fingerprints
from ailog.local.phrases import split


def main(arguments: Sequence[str] | None = None) -> int:
    """Prints F1 and merged look-alikes, in all and by ecosystem."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("harvest", nargs="+", type=Path)
    parser.add_argument("--families", type=int, default=4_000)
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args(arguments)
    held = split.families(split.load(given.harvest), given.families, given.seed)
    keys = iter(fingerprints([m for _, messages in held.families for m in messages]))
    keys_of = {name: {next(keys) for _ in messages} for name, messages in held.families}
    owners: dict[str, set[str]] = defaultdict(set)
    for name, found in keys_of.items():
        for key in found:
            owners[key].add(name)
    for eco in ["", *sorted({n.split("/", 1)[0] for n, _ in held.families})]:
        names = [n for n, _ in held.families if n.startswith(eco)]
        right = [n for n in names if len(keys_of[n]) == 1 and len(owners[min(keys_of[n])]) == 1]
        given_keys = {k for n in names for k in keys_of[n]}
        near = [(a, b) for a, b in held.near if a.startswith(eco)]
        merged = [p for p in near if keys_of[p[0]] & keys_of[p[1]]]
        split_ = sum(len(keys_of[n]) > 1 for n in names)
        shared = sum(len(keys_of[n]) == 1 and len(owners[min(keys_of[n])]) > 1 for n in names)
        told = f"F1 {2 * len(right) / (len(given_keys) + len(names)):.3f}  split {split_}  shared {shared}"
        print(f"{eco or 'all':<5} {len(names):>5} families  {told}  look-alikes merged {len(merged)} of {len(near)}")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())

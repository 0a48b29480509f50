"""Scores the fingerprints on families made of packages that were never trained on.

    python -m ailog.local.phrases.measure HARVEST.jsonl ... [--families 4000] [--show N]
"""

from __future__ import annotations

import argparse
from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path

from ailog.domain.fingerprint import Miner, fingerprints
from ailog.local.phrases import split


def main(arguments: Sequence[str] | None = None) -> int:
    """Prints F1 and merged look-alikes, in all and by ecosystem."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("harvest", nargs="+", type=Path)
    parser.add_argument("--families", type=int, default=4_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--show", type=int, default=0)
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
        print(f"{eco or 'all':<5} {len(names):>5} families  F1 {2 * len(right) / (len(given_keys) + len(names)):.3f}  right {len(right) / len(names):.3f}  split {split_} shared {shared} look-alikes merged {len(merged)} of {len(near)}")
    if given.show:
        import pyarrow as pa

        miner = Miner()
        import random

        for name, messages in random.Random(5).sample([f for f in held.families if len(keys_of[f[0]]) > 1], given.show):
            print("*", name[:200])
            for number in dict.fromkeys(miner.encode_texts(pa.array(messages)).tolist()):
                print("      ", miner.templates[number].template[:180])
        for key, names in sorted(owners.items()):
            if len(names) > 1 and int(key, 16) % 40 == 0:
                print("=", *[n[:150] for n in names][:4], sep="\n      ")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())

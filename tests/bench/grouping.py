"""How well fingerprints group real lines: public log sets with labels, and the templates of a day of real errors.

    python -m tests.bench.grouping [FOLDER]

FOLDER holds ``*_structured.csv`` files of the LogHub-2k kind (columns Content and EventId); without it the shared data beside
the project is used (AILOG_SHARED_DATA overrides), and nothing is measured when there is none.

GA is the share of lines whose group has exactly the true members; FGA is 2 x exact groups / (found + true groups)
(Zhu et al. 2019; Jiang et al. 2024).
"""

from __future__ import annotations

import collections
import csv
import gzip
import json
import os
import sys
from collections.abc import Hashable, Sequence
from pathlib import Path

import pyarrow as pa

from ailog.domain.fingerprint import Miner, fingerprints

ROOT = Path(__file__).resolve().parents[2]


def shared_data() -> Path:
    """Where the shared data lie, whether they are there or not."""
    return Path(os.environ.get("AILOG_SHARED_DATA", ROOT.parent / "shared" / "data"))


def grouping_accuracy(found: Sequence[Hashable], true: Sequence[Hashable]) -> tuple[float, float]:
    """(GA, FGA) of a grouping against the true one."""
    members: dict[Hashable, set[int]] = collections.defaultdict(set)
    truth: dict[Hashable, set[int]] = collections.defaultdict(set)
    for line, (one, other) in enumerate(zip(found, true, strict=True)):
        members[one].add(line)
        truth[other].add(line)
    exact = [group for group in members.values() if truth[true[next(iter(group))]] == group]
    return sum(map(len, exact)) / len(found), 2 * len(exact) / (len(members) + len(truth))


def measure_sets(folder: Path) -> list[tuple[str, float, float, int, int]]:
    """(set, GA, FGA, groups found, true groups) of each set in a folder."""
    csv.field_size_limit(10**8)
    rows = []
    for path in sorted(folder.glob("*_structured.csv")):
        with path.open(encoding="utf-8", errors="replace", newline="") as file:
            lines = list(csv.DictReader(file))
        found, true = fingerprints([line["Content"] for line in lines]), [line["EventId"] for line in lines]
        rows.append((path.name.split("_")[0], *grouping_accuracy(found, true), len(set(found)), len(set(true))))
    return rows


def templates_of(path: Path) -> list[tuple[int, str, str]]:
    """(events, error type, template) of the ERROR lines of a file of documents, most frequent first."""
    with gzip.open(path, "rt", encoding="utf-8") as file:
        messages = [d["message"] for d in map(json.loads, (line for line in file if '"ERROR"' in line)) if d.get("level") == "ERROR"]
    miner = Miner()
    counts = collections.Counter(miner.encode_texts(pa.array(messages, pa.string())).tolist())
    return [(n, miner.templates[f].error_type, miner.templates[f].template) for f, n in counts.most_common()]


def main(arguments: Sequence[str]) -> int:
    """Prints the figures; 0 also when there is no data."""
    data = shared_data()
    folder = Path(arguments[0]) if arguments else data / "loghub-2k"
    rows = measure_sets(folder)
    if not rows:
        print(f"no *_structured.csv in {folder}: nothing to measure")
    for name, ga, fga, found, true in rows:
        print(f"{name:<14} GA {ga:.3f}  FGA {fga:.3f}  groups {found} of {true}")
    if rows:
        print(f"{'mean':<14} GA {sum(r[1] for r in rows) / len(rows):.3f}  FGA {sum(r[2] for r in rows) / len(rows):.3f}")
    day = data / "trainticket-2023-01-29" / "logs.ndjson.gz"
    if day.exists():
        listed = templates_of(day)
        print(f"\n{day.parent.name}: {sum(n for n, _, _ in listed)} events, {len(listed)} fingerprints")
        for count, kind, template in listed:
            print(f"{count:>6}  {kind}  {template}")
    return 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))

"""How well and how fast fingerprints group real lines: public log sets with labels, tables of faults, a day of real errors.

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
import random
import re
import resource
import sys
import time
from collections.abc import Hashable, Sequence
from pathlib import Path

import pyarrow as pa
from tests.support.fault_families import TABLES, families, score

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


def measure_faults() -> list[tuple[str, int, float, int, int]]:
    """(table, families, F1, look-alikes merged, pairs of look-alikes) of each table of faults."""
    rows = []
    for table in sorted(TABLES.glob("*.yaml")):
        found = score(families(table), fingerprints)
        rows.append((table.stem, found.families, found.f1, found.near_merged, found.near_pairs))
    return rows


def mixed_stream(folder: Path, lines: int) -> list[str]:
    """Lines of all sets by turns, about two thirds of them made distinct by other digits (statuses keep theirs)."""
    csv.field_size_limit(10**8)
    base: list[str] = []
    for path in sorted(folder.glob("*_structured.csv")):
        with path.open(encoding="utf-8", errors="replace", newline="") as file:
            base += [line["Content"] for line in csv.DictReader(file)]
    rng = random.Random(1)

    def other(match: re.Match[str]) -> str:
        return match.group(1) or "".join(rng.choice("0123456789") for _ in match.group())

    chosen = rng.choices(base, k=lines) if base else []
    return [re.sub("(status: ?[0-9]+)|[0-9]+", other, line) if rng.random() < 0.72 else line for line in chosen]


def measure_speed(lines: list[str]) -> list[tuple[float, float]]:
    """(share of lines that hold a word never seen before, lines a second of processor time), each with a new miner."""
    rng = random.Random(2)

    def strange(line: str) -> str:
        word = "".join(rng.choice("abcdefghijklmnopqrstuvwxyz") for _ in range(8))
        first, _, rest = line.partition(" ")
        return f"{first} {word} {rest}"

    rows = []
    for share in (0.0, 0.02, 0.1, 0.3):
        column = pa.array([strange(line) if rng.random() < share else line for line in lines], pa.string())
        start = time.process_time()
        Miner().encode_texts(column)
        rows.append((share, len(lines) / (time.process_time() - start)))
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
    for table, count, f1, merged, pairs in measure_faults():
        print(f"faults {table:<10} {count} families  F1 {f1:.3f}  look-alikes merged {merged} of {pairs}")
    if lines := mixed_stream(folder, 500_000):
        before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        print(f"\n{len(lines)} mixed lines, {len(set(lines)) / len(lines):.0%} distinct, {before:.0f} MiB before the first run")
        for share, speed in measure_speed(lines):
            peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
            print(f"{share:>5.0%} lines with a never-seen word: {speed:>9,.0f} lines/s of processor time, peak {peak:.0f} MiB")
    day = data / "trainticket-2023-01-29" / "logs.ndjson.gz"
    if day.exists():
        listed = templates_of(day)
        print(f"\n{day.parent.name}: {sum(n for n, _, _ in listed)} events, {len(listed)} fingerprints")
        for count, kind, template in listed:
            print(f"{count:>6}  {kind}  {template}")
    return 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))

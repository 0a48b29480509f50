"""How well and how fast fingerprints group real lines: public log sets with labels, tables of faults, a day of real errors.

    python -m tests.bench.grouping [FOLDER]

FOLDER holds ``*_structured.csv`` files of the LogHub-2k kind (columns Content, EventId and EventTemplate); without it the shared data
beside the project is used (AILOG_SHARED_DATA overrides), and nothing is measured when there is none.

Nothing is trained on the sets: there is one setting, and no rule knows which set it sees, so that leaving a set out changes no figure of
the others (the row ``alone`` against ``mixed`` shows what a set changes for another when both are in one namespace). What generality is
worth is shown by perturbation instead: values are replaced by names that no form gives away.
"""

from __future__ import annotations

import collections
import gzip
import hashlib
import json
import random
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

import pyarrow as pa
from tests.bench.figures import Figure, child, say
from tests.bench.grouping_sets import (
    STYLES,
    LogSet,
    grouping_accuracy,
    mixed,
    perturbed,
    read_sets,
    same_partition,
    shared_data,
    stream,
)
from tests.bench.templates import drain_python
from tests.bench.world import World
from tests.support.fault_families import TABLES, Family, families, score
from tests.support.memory import peak_mb

from ailog.domain.fingerprint import Miner, fingerprints

SECTION = "grouping"
SHARES = (0.1, 0.3, 1.0)
Scores = dict[str, tuple[float, float]]


def measure(world: World) -> list[Figure]:
    """GA and FGA of the sets plain, perturbed and mixed, Drain3 beside; stability; faults; speed. Nothing without the shared data."""
    sets = read_sets(shared_data() / "loghub-2k")
    if not sets:
        say(f"grouping: no *_structured.csv in {shared_data() / 'loghub-2k'}, skipped")
        return []
    found = []
    given = streams(sets, shares=(0.3,) if world.quick else SHARES)
    ours, theirs = scores(given), drain_scores(given)
    for name in [*(one.name for one in sets), "mean alone", *(n for n in ours if n.startswith(("all", "names")))]:
        (ga, fga), (other_ga, other_fga) = ours[name], theirs[name]
        found += [
            Figure(SECTION, f"{name}: GA", ga, "", ga / max(other_ga, 0.001), "Drain3"),
            Figure(SECTION, f"{name}: FGA", fga, "", fga / max(other_fga, 0.001), "Drain3"),
        ]
    found.append(Figure(SECTION, "lines whose group stays in any order", stability(sets), "of 1"))
    for table, count, f1, merged, pairs in measure_faults():
        found += [
            Figure(SECTION, f"faults {table}: F1 of {count}", f1, ""),
            Figure(SECTION, f"faults {table}: look-alikes merged", merged / max(pairs, 1), "of 1"),
        ]
    for share, speed in measure_speed(stream(sets, 60_000 if world.quick else 500_000)):
        found.append(Figure(SECTION, f"miner, {share:.0%} lines with a never-seen word", speed, "lines/s of processor time"))
    return [*found, Figure(SECTION, "peak memory", peak_mb(), "MiB")]


def streams(sets: Sequence[LogSet], shares: Sequence[float] = SHARES) -> dict[str, list[LogSet]]:
    """What is scored, by name: each set alone, all in one stream, the sets with their values replaced by names."""
    given = {one.name: [one] for one in sets}
    given["all mixed in one namespace"] = [mixed(sets)]
    for style in STYLES:
        for share in shares:
            given[f"names, {style}, {share:.0%} of lines"] = [perturbed(one, style, share) for one in sets]
    return given


def scores(given: dict[str, list[LogSet]]) -> Scores:
    """Mean (GA, FGA) of the product for each name; ``mean alone`` is that of the sets as they are."""
    return _means(given, {name: [fingerprints(one.lines) for one in sets] for name, sets in given.items()})


def drain_scores(given: dict[str, list[LogSet]]) -> Scores:
    """The same of Drain3 with the masks of its example configuration."""
    lines = {f"{name}\t{at}": one.lines for name, sets in given.items() for at, one in enumerate(sets)}
    with tempfile.TemporaryDirectory() as folder:
        path, out = Path(folder, "lines.json"), Path(folder, "clusters.json")
        path.write_text(json.dumps(lines), encoding="utf-8")
        child("tests.bench.grouping_drain", {"path": str(path), "out": str(out)}, python=str(drain_python()))
        found = json.loads(out.read_text(encoding="utf-8"))
    return _means(given, {name: [found[f"{name}\t{at}"] for at in range(len(sets))] for name, sets in given.items()})


def _means(given: dict[str, list[LogSet]], found: dict[str, list[list[str]]]) -> Scores:
    scored = {
        name: [grouping_accuracy(keys, one.events) for keys, one in zip(found[name], sets, strict=True)] for name, sets in given.items()
    }
    alone = [pair for name, pairs in scored.items() if len(pairs) == 1 and not name.startswith("all ") for pair in pairs]
    return {
        name: (sum(ga for ga, _ in pairs) / len(pairs), sum(fga for _, fga in pairs) / len(pairs))
        for name, pairs in {**scored, "mean alone": alone}.items()
    }


def stability(sets: Sequence[LogSet]) -> float:
    """The worst share of lines whose group is the same in reverse, in any of three shuffled orders, plain and perturbed."""
    worst = 1.0
    for one in [*sets, *(perturbed(s, "plain", 0.3) for s in sets)]:
        once = fingerprints(one.lines)
        for seed in range(4):
            order = list(range(len(one.lines)))[::-1]
            if seed:
                random.Random(seed).shuffle(order)
            again = fingerprints([one.lines[at] for at in order])
            worst = min(
                worst,
                same_partition([once[at] for at in order], again),
                sum(once[at] == k for at, k in zip(order, again, strict=True)) / len(order),
            )
    return worst


def measure_faults() -> list[tuple[str, int, float, int, int]]:
    """(table, families, F1, look-alikes merged, pairs of look-alikes) of each table of faults; of the shared ones also the third kept unread."""
    rows = []
    for table in sorted(TABLES.glob("*.yaml")):
        found = score(families(table), fingerprints)
        rows.append((table.stem, found.families, found.f1, found.near_merged, found.near_pairs))
    path = shared_data() / "faults-dev" / "families.jsonl"
    if path.exists():
        given = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
        groups = sorted({one["group"] for one in given}, key=lambda group: hashlib.sha256(f"exam1{group}".encode()).hexdigest())
        unread = set(groups[: len(groups) // 3])
        for name, among in (("shared", set(groups)), ("unread", unread)):
            found = score(
                [Family(one["group"], one["family"], tuple(one["messages"])) for one in given if one["group"] in among], fingerprints
            )
            rows.append((name, found.families, found.f1, found.near_merged, found.near_pairs))
    return rows


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
    folder = Path(arguments[0]) if arguments else shared_data() / "loghub-2k"
    sets = read_sets(folder)
    if not sets:
        print(f"no *_structured.csv in {folder}: nothing to measure")
        return 0
    given = streams(sets)
    ours, theirs = scores(given), drain_scores(given)
    print(f"{'':<34}  GA     FGA    Drain3 GA FGA")
    for name, (ga, fga) in ours.items():
        print(f"{name:<34} {ga:.3f}  {fga:.3f}     {theirs[name][0]:.3f}  {theirs[name][1]:.3f}")
    print(f"{'lines whose group stays in any order':<34} {stability(sets):.3f}")
    for table, count, f1, merged, pairs in measure_faults():
        print(f"faults {table:<10} {count} families  F1 {f1:.3f}  look-alikes merged {merged} of {pairs}")
    given.clear()
    lines = stream(sets, 500_000)
    print(f"\n{len(lines)} mixed lines, {len(set(lines)) / len(lines):.0%} distinct, {peak_mb():.0f} MiB before the first run")
    for share, speed in measure_speed(lines):
        print(f"{share:>5.0%} lines with a never-seen word: {speed:>9,.0f} lines/s of processor time, peak {peak_mb():.0f} MiB")
    day = shared_data() / "trainticket-2023-01-29" / "logs.ndjson.gz"
    if day.exists():
        listed = templates_of(day)
        print(f"\n{day.parent.name}: {sum(n for n, _, _ in listed)} events, {len(listed)} fingerprints")
        for count, kind, template in listed:
            print(f"{count:>6}  {kind}  {template}")
    return 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))

"""Masking: how much is found and kept by kind, its speed on ordinary lines beside a bare pass over them, and strings made to hang it."""

from __future__ import annotations

import time

import orjson
import pyarrow as pa
import pyarrow.compute as pc
from tests.bench.documents import WINDOW
from tests.bench.figures import Figure, say
from tests.bench.world import World
from tests.support.masking_data import BAITS, LOOK_ALIKES, SECRETS, readable, samples, seen

from ailog.domain.masking import mask
from ailog.local.simulator import bench_documents

SECTION = "masking"
_BARE = r"@|[0-9](?:[ -]?[0-9]){11}"
"""The least that a search for addresses and card numbers would ask of every line."""


def measure(world: World) -> list[Figure]:
    """Shares of 1 per kind; lines a second of lines that hold nothing to mask, and of lines that all do."""
    count = 1_000 if world.quick else 5_000
    figures = []
    for kind in SECRETS:
        drawn = samples(kind, count, seed=23)
        masked = mask(pa.array([sample.text for sample in drawn])).to_pylist()
        found = sum(not seen(sample, text) for sample, text in zip(drawn, masked, strict=True))
        figures.append(Figure(SECTION, f"recall: {kind}", found / count, f"of {count:,}"))
    for kind in LOOK_ALIKES:
        drawn = samples(kind, count, seed=23)
        masked = mask(pa.array([sample.text for sample in drawn])).to_pylist()
        kept = sum(readable(sample, text) for sample, text in zip(drawn, masked, strict=True))
        figures.append(Figure(SECTION, f"precision: {kind}", kept / count, f"of {count:,}"))
    return figures + _speed(world) + _baits()


def _speed(world: World) -> list[Figure]:
    lines = 50_000 if world.quick else 200_000
    say(f"masking: speed over {lines:,} lines")
    texts = [
        str(orjson.loads(line).get("message", ""))
        for batch in bench_documents(20_000, wide=False, windows=[WINDOW])
        for line in batch.lines
    ]
    plain = _repeated(texts, lines)
    secrets = _repeated([sample.text for kind in SECRETS for sample in samples(kind, 500, seed=23)], lines)
    bare = _rate(lambda column: pc.match_substring_regex(column, _BARE), plain)
    ordinary = _rate(mask, plain)
    return [
        Figure(SECTION, "ordinary lines of the simulator", ordinary, "lines/s", ordinary / bare, "one bare search"),
        Figure(SECTION, "lines that all hold a secret, 8,000 distinct", _rate(mask, secrets), "lines/s"),
    ]


def _repeated(texts: list[str], lines: int) -> pa.Array:
    return pa.array((texts * (lines // len(texts) + 1))[:lines], pa.string())


def _rate(work: object, column: pa.Array) -> float:
    best = 1e9
    for _ in range(3):
        started = time.perf_counter()
        work(column)  # type: ignore[operator]
        best = min(best, time.perf_counter() - started)
    return len(column) / best


def _baits() -> list[Figure]:
    figures = []
    for name, piece in BAITS.items():
        text = pa.array([piece * (1_000_000 // len(piece))])
        started = time.perf_counter()
        mask(text)
        figures.append(Figure(SECTION, f"1 MB of {name}", time.perf_counter() - started, "s"))
    return figures

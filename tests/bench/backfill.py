"""The final word on a day: seconds and peak memory by size and source, and what a month of quiet days costs a day."""

from __future__ import annotations

import os
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from tests.bench.documents import seven_fields
from tests.bench.figures import Figure, child, say
from tests.bench.world import World

from ailog.local.bulk import MAPPING
from ailog.local.simulator import bench_documents

SECTION = "backfill"
LARGEST = "AILOG_BENCH_BACKFILL"
"""Environment variable with the largest day to measure; 5,000,000 takes some minutes and several GB of disk."""
_DAY = datetime(2026, 3, 9, tzinfo=UTC)
_MONTH = 28
_QUIET = 3_000
"""Errors of a quiet day."""


def measure(world: World) -> list[Figure]:
    """One day by size from files and Elasticsearch, and quiet days one after the other by direct steps."""
    sizes = (20_000, 100_000) if world.quick else (100_000, 1_000_000)
    largest = int(os.environ.get(LARGEST) or 0)
    figures: list[Figure] = []
    for size in (*sizes, *([largest] if largest > sizes[-1] else [])):
        path = _day_file(world.data, _DAY, size)
        for source in ("files", "elasticsearch"):
            where = [str(path)] if source == "files" else [world.elasticsearch.url, _index(world, path, size)]
            say(f"backfill: {size:,} errors from {source}")
            figures += _figures(f"{source}, {size:,} errors", size, _run(world, source, where, [_DAY.date().isoformat()]))
    days = 7 if world.quick else _MONTH
    first = _DAY - timedelta(days=days)
    paths = [_day_file(world.data, first + timedelta(days=number), _QUIET) for number in range(days)]
    say(f"backfill: {days} quiet days")
    index = _index(world, paths[0], _QUIET, *paths[1:])
    found = _run(world, "elasticsearch", [world.elasticsearch.url, index], [f"{first + timedelta(days=n):%Y-%m-%d}" for n in range(days)])
    seconds = sum(found["steps"].values())
    figures.append(Figure(SECTION, f"{days} quiet days of {_QUIET:,} errors: a day", seconds / days, "s"))
    figures.append(Figure(SECTION, f"{days} quiet days: peak memory", found["peak_mb"], "MiB"))
    return figures


def _run(world: World, source: str, where: list[str], days: list[str]) -> dict[str, Any]:
    with world.database() as uris:
        return child("tests.bench.backfill_run", {"store": uris.app, "source": source, "where": where, "days": days})


def _figures(name: str, size: int, found: dict[str, Any]) -> list[Figure]:
    if found["stored"] != size:
        raise RuntimeError(f"{size} events went in and {found['stored']} were stored")
    steps = found["steps"]
    return [
        Figure(SECTION, f"{name}: all steps", sum(steps.values()), "s"),
        Figure(SECTION, f"{name}: peak memory", found["peak_mb"], "MiB"),
        *(Figure(SECTION, f"{name}: {step}", seconds, "s") for step, seconds in steps.items() if step not in {"plan", "cleanup"}),
    ]


def _day_file(folder: Path, day: datetime, count: int) -> Path:
    path = folder / f"day-{day:%Y-%m-%d}-{count}.ndjson"
    if not path.exists():
        windows = [day + timedelta(minutes=15 * number) for number in range(96)]
        with path.open("wb") as out:
            for batch in bench_documents(count, wide=False, windows=windows):
                out.writelines(seven_fields(line) + b"\n" for line in batch.lines)
    return path


def _index(world: World, path: Path, count: int, *more: Path) -> str:
    """Files in an index of their own."""
    name = f"bench-backfill-{count}-{len(more)}"
    settings = {"number_of_shards": 1, "number_of_replicas": 0, "refresh_interval": "-1", "translog.durability": "async"}
    world.client.indices.create(index=name, mappings=dict(MAPPING), settings=settings)
    for one in (path, *more):
        with one.open("rb") as file:
            while lines := file.readlines(2_000_000):
                answer = world.client.bulk(
                    index=name, body=b"".join(b'{"create":{}}\n' + line for line in lines), filter_path="errors", request_timeout=120
                )
                if answer["errors"]:
                    raise RuntimeError(f"Elasticsearch refused documents of {name}")
    world.client.indices.refresh(index=name, request_timeout=120)
    return name

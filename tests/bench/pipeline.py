"""From the source to the committed window: events a second, peak memory, and where the time goes, by size."""

from __future__ import annotations

from typing import Any

from tests.bench.figures import Figure, child, say
from tests.bench.world import World

SECTION = "pipeline"
_SIZES = (100_000, 1_000_000, 3_000_000)
_QUICK_SIZES = (50_000, 200_000)
_REPEAT_BELOW = 200_000


def measure(world: World) -> list[Figure]:
    """Both sources and both kinds of messages at every size; one size of documents with stack traces."""
    figures: list[Figure] = []
    sizes = _QUICK_SIZES if world.quick else _SIZES
    for kind, wanted in (("few", sizes), ("wide", sizes), ("traced", sizes[:1])):
        for source in ("files", "elasticsearch"):
            base: float | None = None
            for size in wanted:
                best = _best(world, kind, source, size)
                base = base or _seconds(best) / size
                figures += _figures(f"{source} {kind} {size:,}", size, best, base)
    return figures


def _best(world: World, kind: str, source: str, size: int) -> dict[str, Any]:
    where = [str(path) for path in world.documents(kind).files(size)]
    if source == "elasticsearch":
        where = [world.elasticsearch.url, world.index(kind, size)]
    runs = []
    for _ in range(3 if size < _REPEAT_BELOW else 1):
        with world.database() as uris:
            say(f"pipeline: {source} {kind} {size:,}")
            runs.append(child("tests.bench.pipeline_run", {"store": uris.app, "source": source, "where": where}))
        if runs[-1]["counts"]["store.stored"] != size:
            raise RuntimeError(f"{size} events went in and {runs[-1]['counts']['store.stored']} were stored")
    return min(runs, key=_seconds)


def _seconds(found: dict[str, Any]) -> float:
    return sum(wall for wall, _ in found["steps"].values())


def _figures(name: str, size: int, found: dict[str, Any], base: float) -> list[Figure]:
    seconds = _seconds(found)
    counts = found["counts"]
    rows = [
        Figure(SECTION, f"{name}: fetch to store", size / seconds, "events/s"),
        Figure(SECTION, f"{name}: cost of an event", seconds / size * 1e6, "us", seconds / size / base, "the smallest size"),
        Figure(SECTION, f"{name}: peak memory", found["peak_mb"], "MiB"),
        Figure(SECTION, f"{name}: fingerprints", counts["classify.fingerprints"], "distinct"),
    ]
    for step, (wall, cpu) in found["steps"].items():
        if step != "plan":
            rows.append(Figure(SECTION, f"{name}: {step}", wall, "s", cpu / wall, "of it this process's CPU"))
    return rows

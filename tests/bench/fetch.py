"""The Elasticsearch source with all its checks beside ``elasticsearch.helpers.scan``, which has none, on the same index."""

from __future__ import annotations

from typing import Any

from tests.bench.figures import Figure, child, say
from tests.bench.world import World

SECTION = "fetch"


def measure(world: World) -> list[Figure]:
    """Events a second and processor time of the client per event, best of the rounds; the ways take turns."""
    size = 100_000 if world.quick else 500_000
    index = world.index("fetch", size)
    best: dict[str, dict[str, Any]] = {}
    cpu: dict[str, float] = {}
    for _ in range(3 if world.quick else 4):
        for way in ("source", "scan"):
            say(f"fetch: {way} over {size:,}")
            found = child("tests.bench.fetch_run", {"way": way, "url": world.elasticsearch.url, "index": index})
            if found["events"] != size:
                raise RuntimeError(f"{way} delivered {found['events']} of {size} events")
            if way not in best or found["wall"] < best[way]["wall"]:
                best[way] = found
            cpu[way] = min(cpu.get(way, float("inf")), found["cpu"] / size * 1e6)
    speed = {way: size / found["wall"] for way, found in best.items()}
    return [
        Figure(SECTION, "source: events", speed["source"], "events/s", speed["source"] / speed["scan"], "scan"),
        Figure(SECTION, "scan: events", speed["scan"], "events/s"),
        Figure(SECTION, "source: CPU of the client per event", cpu["source"], "us", cpu["source"] / cpu["scan"], "scan"),
        Figure(SECTION, "scan: CPU of the client per event", cpu["scan"], "us"),
        Figure(SECTION, "source: peak memory", best["source"]["peak_mb"], "MiB"),
        Figure(SECTION, "scan: peak memory", best["scan"]["peak_mb"], "MiB"),
    ]

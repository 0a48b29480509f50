"""Thresholds over a year of 200 namespaces: seconds and peak memory, beside the same figures by SQL alone."""

from __future__ import annotations

from tests.bench.figures import Figure, child, say
from tests.bench.world import World

SECTION = "thresholds"


def measure(world: World) -> list[Figure]:
    """Trains on a year (52 weeks) and on four weeks; the ratio is ours against what SQL takes for the percentiles alone, nothing left out."""
    namespaces = 20 if world.quick else 200
    with world.database() as uris:
        say(f"thresholds: a year of {namespaces} namespaces")
        found = child("tests.bench.thresholds_run", {"store": uris.app, "namespaces": namespaces}, seconds=3600)
    figures = [Figure(SECTION, "windows of the year", found["rows"], "windows")]
    for weeks, one in found["trained"].items():
        against = one["seconds"] / one["sql"]
        figures += [
            Figure(SECTION, f"{weeks} weeks: train and publish", one["seconds"], "s", against, "SQL's percentiles alone"),
            Figure(SECTION, f"{weeks} weeks: windows", one["rows"] / one["seconds"], "windows/s"),
            Figure(SECTION, f"{weeks} weeks: peak memory", one["peak_mb"], "MiB"),
        ]
    return figures

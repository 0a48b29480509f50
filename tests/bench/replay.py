"""A month of 200 namespaces judged twice over: seconds and peak memory of a replay, first with norms to be made again, then with them stored."""

from __future__ import annotations

from tests.bench.figures import Figure, child, say
from tests.bench.world import World

SECTION = "replay"


def measure(world: World) -> list[Figure]:
    """Replays the month with another budget and another quiet time; the same twice must be equal byte by byte, or this raises."""
    namespaces, days = (20, 7) if world.quick else (200, 30)
    task = {"namespaces": namespaces, "days": days}
    with world.database() as uris:
        say(f"replay: {days} days of {namespaces} namespaces")
        filled = child("tests.bench.replay_run", {**task, "store": uris.app, "task": "fill"}, seconds=3600)
        first, second = (child("tests.bench.replay_run", {**task, "store": uris.app, "task": "replay"}, seconds=3600) for _ in range(2))
    if first["sha256"] != second["sha256"]:
        raise AssertionError("the same replay twice gave two answers")
    return [
        Figure(SECTION, "windows judged", filled["totals"], "windows of namespaces"),
        Figure(SECTION, "kinds read", filled["kinds"], "rows"),
        Figure(SECTION, "series followed", filled["series"], "series"),
        Figure(SECTION, "incidents compared", first["incidents"], "incidents"),
        Figure(SECTION, f"{days} days of {namespaces} namespaces, both sides", first["seconds"], "s"),
        Figure(SECTION, "processor time of it, without the database", first["processor"], "s"),
        Figure(SECTION, "the same again", second["seconds"], "s"),
        Figure(SECTION, "peak memory", first["peak_mb"], "MiB"),
    ]

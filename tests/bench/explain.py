"""Explaining a window over a year of verdicts: milliseconds, and how PostgreSQL finds the rows."""

from __future__ import annotations

from tests.bench.figures import Figure, child, say
from tests.bench.world import World

SECTION = "explain"


def measure(world: World) -> list[Figure]:
    """A year of 40 namespaces, 3 verdicts and a decision about messages a window; the ratio of the budget is against its statement alone."""
    days = 30 if world.quick else 365
    with world.database() as uris:
        say(f"explain: {days} days of 40 namespaces")
        found = child("tests.bench.explain_run", {"store": uris.app, "days": days}, seconds=3600)
    return [
        Figure(SECTION, f"verdicts of {days} days", found["verdicts"], "rows"),
        Figure(SECTION, "explain a window: median", found["median"] * 1000, "ms"),
        Figure(SECTION, "explain a window: slowest", found["slowest"] * 1000, "ms"),
        Figure(SECTION, "explain a window that nobody read", found["unread"] * 1000, "ms"),
        Figure(SECTION, "what scans a whole table", found["scans"], "plans"),
        Figure(SECTION, "levels accepted around a run", found["accepted"] * 1000, "ms"),
        Figure(SECTION, "budget against eight weeks", found["budget"] * 1000, "ms"),
    ]

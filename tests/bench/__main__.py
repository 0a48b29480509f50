"""``python -m tests.bench [section ...] [--quick]``: measures on this machine and prints the figures; judges nothing."""

from __future__ import annotations

import argparse
import signal
import sys
import time
from collections.abc import Callable
from importlib import import_module
from types import FrameType

from tests.bench.figures import Figure, facts, say, table
from tests.bench.world import World

SECTIONS = (
    "dags",
    "templates",
    "grouping",
    "masking",
    "classify",
    "day",
    "fetch",
    "staging",
    "pipeline",
    "backfill",
    "maintenance",
    "catchup",
    "thresholds",
    "detection",
    "explain",
    "replay",
    "scheduler",
)


def main(arguments: list[str] | None = None) -> int:
    """Runs the sections; what was measured before a fault or Ctrl-C is printed all the same. Exit code 1 if a section failed."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description=__doc__)
    parser.add_argument("sections", nargs="*", metavar="section", help=f"of {', '.join(SECTIONS)} (default: all)")
    parser.add_argument("--quick", action="store_true", help="small sizes: minutes instead of half an hour")
    parser.add_argument("--exam", action="store_true", help="detection on the seeds that no detector was built by")
    given = parser.parse_args(arguments)
    unknown = sorted(set(given.sections) - set(SECTIONS))
    if unknown:
        parser.error(f"unknown section {', '.join(unknown)}; there are {', '.join(SECTIONS)}")
    signal.signal(signal.SIGTERM, _interrupt)
    started = time.monotonic()
    figures: list[Figure] = []
    failed = 0
    with World(quick=given.quick, exam=given.exam) as world:
        about = facts(world.versions())
        try:
            for section in given.sections or SECTIONS:
                failed += not _measured(section, world, figures)
        except KeyboardInterrupt:
            failed += 1
            say("interrupted")
    width = max(len(name) for name, _ in about)
    print("\n".join(f"{name.ljust(width)}  {value}" for name, value in about))
    print(f"{'took'.ljust(width)}  {time.monotonic() - started:.0f} s{' (small sizes)' if given.quick else ''}\n")
    print(table(figures))
    return 1 if failed else 0


def _measured(section: str, world: World, figures: list[Figure]) -> bool:
    measure: Callable[[World], list[Figure]] = import_module(f"tests.bench.{section}").measure
    try:
        figures += measure(world)
    except Exception as error:  # noqa: BLE001 - one section that fails must not cost the figures of the others
        say(f"{section} failed: {' '.join(str(error).split())[-1200:] or type(error).__name__}")
        return False
    return True


def _interrupt(_number: int, _frame: FrameType | None) -> None:
    raise KeyboardInterrupt


if __name__ == "__main__":
    sys.exit(main())

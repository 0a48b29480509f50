"""A stream of mixed errors for tests: many programs and languages, traces, families that come to light, several namespaces.

``python -m tests.support.stream STORE_URI FILE START MINUTES PAGE`` runs the pipeline over a file in a process of its own.
``python -m tests.support.stream flood STORE_URI FILE`` does so over one window and prints the peak of its memory in MiB.
"""

from __future__ import annotations

import sys
from datetime import datetime, timedelta
from itertools import product
from pathlib import Path
from random import Random
from typing import Any, Final

import yaml
from tests.support.memory import peak_mb
from tests.support.pipeline import event, files_settings, interval, run
from tests.support.places import fill
from tests.support.traces import DELIVERIES, TRACES

from ailog.adapters.store.postgres import PostgresStore

CASES: Final = Path(__file__).parents[1] / "cases"
NAMESPACES: Final = ("pcb-sit-01-app", "pca-sit-01-app", "pcb-dev-01-app")
NAMES: Final = (
    "Render Convert Window Folder Worker Monitor Filter Record Market Batch Watch Bridge Garden Lantern Orchard Meadow Xkqz Wfjz".split()
)
SENTENCES: Final = (
    "Der Auftrag von {} konnte heute leider nicht verbucht werden",
    "We could not find out whether {} has been part of the invoice request or not",
    "Nepodařilo se zjistit zda {} patří do faktury zákazníka nebo ne",
)
"""Sentences in which one message alone does not tell that a name is a value, but many do."""
NOUNS: Final = (
    "pool queue disk memory table topic broker socket thread buffer cache session cluster index schema record packet channel volume process "
    "worker message service network certificate database partition transaction connection container controller directory document endpoint "
    "filter folder handler header kernel listener module package parameter pipeline plugin policy profile project protocol provider proxy"
).split()


def messages(count: int, seed: int) -> list[str]:
    """As many messages; the same for the same seed."""
    random = Random(seed)
    table = [text for text, *_ in yaml.safe_load((CASES / "substitutions.yaml").read_text(encoding="utf-8"))]
    other = [m for group in yaml.safe_load((CASES / "languages.yaml").read_text(encoding="utf-8")).values() for pair in group for m in pair]
    traces = [change(text) for text in TRACES.values() for change in list(DELIVERIES.values())[:8]]
    found = []
    for _ in range(count):
        kind = random.random()
        if kind < 0.6:
            found.append(fill(random.choice(table), random))
        elif kind < 0.75:
            found.append(random.choice(SENTENCES).format(random.choice(NAMES)))
        elif kind < 0.85:
            found.append(random.choice(traces))
        elif kind < 0.95:
            found.append(random.choice(other))
        else:
            found.append(f"The {random.choice(NOUNS)} of the {random.choice(NOUNS)} is broken")
    return found


def documents(texts: list[str], start: datetime, minutes: int) -> list[dict[str, Any]]:
    """Events of these messages, evenly over the time, each at a moment of its own."""
    step = timedelta(minutes=minutes) / max(len(texts), 1)
    return [event(start + at * step, text, namespace=NAMESPACES[at % len(NAMESPACES)]) for at, text in enumerate(texts)]


def flood(count: int, start: datetime) -> list[dict[str, Any]]:
    """Events of as many distinct faults in one window of one namespace."""
    names = (f"{a.title()}{b.title()}{c.title()}" for a, b, c in product(NOUNS, NOUNS, NOUNS) if len({a, b, c}) == 3)
    sentences = (f"{name}Exception: the work has stopped" for name in names)
    step = timedelta(minutes=14) / count
    return [event(start + at * step, text) for at, text in zip(range(count), sentences, strict=False)]


def main(arguments: list[str]) -> int:
    """Runs the pipeline over a file."""
    if arguments[0] == "flood":
        _, uri, path = arguments
        run(PostgresStore(uri), files_settings(Path(path)), interval("2026-03-10 08:00"))
        print(peak_mb())
        return 0
    uri, path, start, minutes = arguments
    run(PostgresStore(uri), files_settings(Path(path)), interval(start, int(minutes)))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

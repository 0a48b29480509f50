"""Airflow pools: one for each kind of outside system, so that a slow one cannot take every slot.

A task that names a pool which does not exist waits for ever, so they must be made before the first run:
``python -m ailog.orchestration.pools > pools.json`` and ``airflow pools import pools.json``.
"""

from __future__ import annotations

import json
import sys
from typing import Final

SOURCES: Final = "ailog_sources"
STORE: Final = "ailog_store"
CHANNELS: Final = "ailog_channels"
WATCH: Final = "ailog_watch"

POOLS: Final[dict[str, tuple[int, str]]] = {
    SOURCES: (4, "AI Log Analyzer: reads from log sources"),
    STORE: (4, "AI Log Analyzer: work in its own database"),
    CHANNELS: (1, "AI Log Analyzer: sends messages"),
    WATCH: (1, "AI Log Analyzer: the watch over itself"),
}
"""Name to slots and description."""


def as_json() -> str:
    """The pools in the form that ``airflow pools import`` reads."""
    pools = {name: {"slots": slots, "description": text, "include_deferred": False} for name, (slots, text) in POOLS.items()}
    return json.dumps(pools, indent=2)


if __name__ == "__main__":
    sys.stdout.write(as_json() + "\n")

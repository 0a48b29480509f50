"""Runs one step of a run in a process of its own and kills it with SIGKILL at the n-th word to the database.

``python -m tests.support.killable STEP STORE_URI FILE RUN_ID N``
"""

from __future__ import annotations

import functools
import os
import signal
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, Self

import psycopg
from tests.support.pipeline import NOW, files_settings

from ailog.adapters.sources import build
from ailog.adapters.store.postgres import Bulk, PostgresStore
from ailog.pipeline.classify import classify
from ailog.pipeline.cleanup import cleanup
from ailog.pipeline.detect import detect
from ailog.pipeline.fetch import fetch
from ailog.pipeline.propagate import propagate
from ailog.pipeline.store import publish

STEPS = ("fetch", "classify", "detect", "propagate", "publish", "cleanup")


class Counter:
    """Counts the words to the database while it is entered; at the fatal one the process dies, or another one (the database server)."""

    def __init__(self, fatal: int = 0, victim: int = 0) -> None:
        self.seen, self.fatal, self.victim = 0, fatal, victim
        self._originals: list[tuple[type, str, Callable[..., Any]]] = []

    def __enter__(self) -> Self:
        for owner, name in ((psycopg.Connection, "execute"), (psycopg.Connection, "commit"), (Bulk, "append"), (Bulk, "execute")):
            self._watch(owner, name)
        return self

    def __exit__(self, *_: object) -> None:
        for owner, name, original in self._originals:
            setattr(owner, name, original)

    def _watch(self, owner: type, name: str) -> None:
        original: Callable[..., Any] = getattr(owner, name)

        @functools.wraps(original)
        def counted(*args: Any, **kwargs: Any) -> Any:
            self.seen += 1
            if self.seen == self.fatal:
                os.kill(self.victim or os.getpid(), signal.SIGKILL)
            return original(*args, **kwargs)

        self._originals.append((owner, name, original))
        setattr(owner, name, counted)


def step(name: str, store: PostgresStore, path: Path, run_id: str) -> None:
    """Runs one step as a task does."""
    settings = files_settings(path)
    if name == "fetch":
        fetch(store, settings, build(settings.active_sources[0], settings, None), run_id)
    elif name in {"publish", "cleanup"}:
        {"publish": publish, "cleanup": cleanup}[name](store, settings, run_id, NOW)
    else:
        {"classify": classify, "detect": detect, "propagate": propagate}[name](store, settings, run_id)


def main() -> None:
    name, uri, path, run_id, fatal = sys.argv[1:]
    with Counter(int(fatal)):
        step(name, PostgresStore(uri), Path(path), run_id)


if __name__ == "__main__":
    main()

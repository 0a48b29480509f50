"""Runs one step of a run in a process of its own and kills it with SIGKILL at the n-th word to the database.

``python -m tests.support.killable STEP STORE_URI FILE RUN_ID N``: N = 0 runs to the end and prints how many words there were.
"""

from __future__ import annotations

import functools
import os
import signal
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psycopg

from ailog.adapters.sources import build
from ailog.adapters.store.postgres import Bulk, PostgresStore
from ailog.pipeline.classify import classify
from ailog.pipeline.cleanup import cleanup
from ailog.pipeline.detect import detect
from ailog.pipeline.fetch import fetch
from ailog.pipeline.propagate import propagate
from ailog.pipeline.store import publish
from tests.support.pipeline import NOW, files_settings

STEPS = ("fetch", "classify", "detect", "propagate", "publish", "cleanup")


class _Counter:
    def __init__(self, fatal: int) -> None:
        self.seen, self.fatal = 0, fatal

    def watch(self, owner: type, name: str) -> None:
        original: Callable[..., Any] = getattr(owner, name)

        @functools.wraps(original)
        def counted(*args: Any, **kwargs: Any) -> Any:
            self.seen += 1
            if self.seen == self.fatal:
                os.kill(os.getpid(), signal.SIGKILL)
            return original(*args, **kwargs)

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
    counter = _Counter(int(fatal))
    counter.watch(psycopg.Connection, "execute")
    counter.watch(psycopg.Connection, "commit")
    for method in ("append", "execute"):
        counter.watch(Bulk, method)
    step(name, PostgresStore(uri), Path(path), run_id)
    print(counter.seen)


if __name__ == "__main__":
    main()

"""One run of the pipeline in a process of its own: ``python -m tests.bench.pipeline_run TASK`` prints seconds by step and peak memory.

The task is JSON: store, source (files or elasticsearch), where (paths or URL and index), baseline, profile (a file for cProfile).
"""

from __future__ import annotations

import cProfile
import json
import sys
import time
from collections.abc import Callable
from contextlib import nullcontext
from datetime import UTC, datetime, timedelta
from typing import Any

from tests.bench.documents import BASELINE_DAYS, WINDOW
from tests.support.memory import peak_mb

from ailog import settings as settings_module
from ailog.adapters.sources import ElasticsearchConnection, build
from ailog.adapters.store.postgres import PostgresStore
from ailog.domain.events import WINDOW as QUARTER
from ailog.domain.events import Interval
from ailog.pipeline.classify import classify
from ailog.pipeline.detect import detect
from ailog.pipeline.fetch import fetch
from ailog.pipeline.plan import plan
from ailog.pipeline.propagate import propagate
from ailog.pipeline.store import publish
from ailog.pipeline.thresholds import train_thresholds
from ailog.ports import LogSource
from ailog.settings import ElasticsearchSource, FilesSource, Settings

_NOW = datetime(2026, 3, 10, 12, 0, tzinfo=UTC)
_LIMIT = 10_000_000
"""Above every size that is measured, so that nothing is sampled."""


def source_of(task: dict[str, Any]) -> tuple[Settings, LogSource]:
    """The shipped settings with the one source of the task."""
    loaded = settings_module.load(settings_module.PACKAGE_ROOT / "include" / "config")
    given: FilesSource | ElasticsearchSource
    connection = None
    if task["source"] == "files":
        given = FilesSource(name="files", kind="files", paths=task["where"])
    else:
        url, index = task["where"]
        given = ElasticsearchSource(name="elasticsearch", kind="elasticsearch", indices=[index])
        connection = ElasticsearchConnection(hosts=(url,))
    limits = loaded.limits.model_copy(update={"max_events": _LIMIT})
    changed = loaded.model_copy(update={"sources": [given], "limits": limits})
    return changed, build(given, changed, connection)


def run(task: dict[str, Any]) -> dict[str, Any]:
    """Plan to publish; ``steps`` maps each to its seconds and to the seconds of processor time of this process."""
    settings, source = source_of(task)
    store = PostgresStore(task["store"])
    baseline = bool(task.get("baseline"))
    start = (WINDOW - timedelta(days=BASELINE_DAYS)).replace(hour=0, minute=0) if baseline else WINDOW
    bounds = Interval(start, WINDOW if baseline else WINDOW + QUARTER)
    steps: dict[str, tuple[float, float]] = {}
    counts: dict[str, int] = {}

    def step(name: str, work: Callable[[], Any]) -> Any:
        wall, cpu = time.perf_counter(), time.process_time()
        result = work()
        steps[name] = (time.perf_counter() - wall, time.process_time() - cpu)
        if isinstance(result, dict):
            counts.update({f"{name}.{key}": value for key, value in result.items()})
        return result

    kind = "init" if baseline else "regular"
    with cProfile.Profile() if task.get("profile") else nullcontext() as profile:
        made = step(
            "plan",
            lambda: plan(store, settings, kind=kind, target=None, bounds=bounds, now=_NOW, dry_run=False, triggered_by="bench"),
        )
        step("fetch", lambda: fetch(store, settings, source, made.run_id))
        step("classify", lambda: classify(store, settings, made.run_id))
        if not baseline:
            step("detect", lambda: detect(store, settings, made.run_id))
            step("propagate", lambda: propagate(store, settings, made.run_id))
        step("store", lambda: publish(store, settings, made.run_id, _NOW))
    if profile is not None:
        profile.dump_stats(task["profile"])
    if baseline:
        train_thresholds(store, settings, as_of=WINDOW)
        with store.connection() as connection:
            connection.execute("DELETE FROM ailog_staging.log_event")
            connection.execute("DELETE FROM ailog_staging.classified_event")
    return {"steps": steps, "counts": counts, "peak_mb": peak_mb()}


if __name__ == "__main__":
    print(json.dumps(run(json.loads(sys.argv[1]))))

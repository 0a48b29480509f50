"""Backfills days in a process of its own: ``python -m tests.bench.backfill_run TASK`` prints seconds by step and peak memory.

The task is JSON: store, source (files or elasticsearch), where (paths or URL and index), days (ISO dates).
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Any

from tests.bench.pipeline_run import source_of
from tests.support.memory import peak_mb

from ailog.adapters.store.postgres import PostgresStore
from ailog.pipeline.backfill import plan_days
from ailog.pipeline.classify import classify
from ailog.pipeline.cleanup import cleanup
from ailog.pipeline.detect import detect
from ailog.pipeline.fetch import fetch
from ailog.pipeline.propagate import propagate
from ailog.pipeline.store import publish


def run(task: dict[str, Any]) -> dict[str, Any]:
    """``steps`` maps each to its seconds, all days together; ``stored`` counts the events."""
    settings, source = source_of(task)
    store = PostgresStore(task["store"])
    steps: dict[str, float] = {}
    stored = 0

    def step(name: str, work: Callable[[], Any]) -> Any:
        begun = time.perf_counter()
        result = work()
        steps[name] = steps.get(name, 0.0) + time.perf_counter() - begun
        return result

    for text in task["days"]:
        day = date.fromisoformat(text)
        now = datetime.fromisoformat(f"{text}T09:00:00+00:00") + timedelta(days=1)
        made = step("plan", lambda day=day, now=now: plan_days(store, settings, [day], now=now, dry_run=False, triggered_by="bench"))
        step("fetch", lambda made=made: fetch(store, settings, source, made.run_id))
        step("classify", lambda made=made: classify(store, settings, made.run_id))
        step("detect", lambda made=made: detect(store, settings, made.run_id))
        step("propagate", lambda made=made: propagate(store, settings, made.run_id))
        stored += step("store", lambda made=made, now=now: publish(store, settings, made.run_id, now))["stored"]
        step("cleanup", lambda made=made, now=now: cleanup(store, settings, made.run_id, now))
    return {"steps": steps, "stored": stored, "peak_mb": peak_mb()}


if __name__ == "__main__":
    print(json.dumps(run(json.loads(sys.argv[1]))))

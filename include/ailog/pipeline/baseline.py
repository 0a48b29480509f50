"""Collects a baseline: whole UTC days of counts, without detection, so that there is something to learn from."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import pyarrow.compute as pc

from ailog.domain.events import Interval
from ailog.errors import ConfigError
from ailog.pipeline.classify import classify
from ailog.pipeline.cleanup import cleanup
from ailog.pipeline.fetch import fetch
from ailog.pipeline.plan import plan
from ailog.pipeline.store import publish
from ailog.ports import LogSource, Store
from ailog.settings import Settings

_DAY = timedelta(days=1)
_WINDOWS_A_DAY = 96


def baseline_days(store: Store, settings: Settings, *, days: int | None, bounds: Interval | None, now: datetime) -> list[str]:
    """The UTC days of the baseline that are not complete yet, oldest first, as ISO dates; a day that is complete is not read again.

    Without ``bounds`` it is the last ``days`` whole days before today (``thresholds.init_days`` by default).

    Raises:
        ConfigError: bounds that are not whole UTC days, reversed, or not over yet.
    """
    today = now.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    span = bounds or Interval(today - (days or settings.thresholds.init_days) * _DAY, today)
    for moment in span:
        if moment.astimezone(UTC).time() != today.time():
            raise ConfigError(f"{moment.isoformat()} is not the start of a UTC day: a baseline is made of whole days, as in 2026-01-31")
    if span.start >= span.end:
        raise ConfigError(f"from {span.start.date()} is not before to {span.end.date()}: the end is not part of the range")
    if span.end > now:
        raise ConfigError(f"to {span.end.date()} is not over yet: a baseline is made of days that are over")
    with store.connection("look for days that are complete") as connection:
        rows = connection.execute(store.statement("ledger/complete_windows"), {"start": span.start, "end": span.end}).fetchall()
    done: dict[str, int] = {}
    for (window,) in rows:
        day = window.astimezone(UTC).date().isoformat()
        done[day] = done.get(day, 0) + 1
    wanted = [(span.start + i * _DAY).date().isoformat() for i in range((span.end - span.start).days)]
    return [day for day in wanted if done.get(day, 0) < _WINDOWS_A_DAY]


def extent(source: LogSource, now: datetime) -> Interval:
    """The whole UTC days, over by now, from the first to the last window that a source counts something in.

    Raises:
        ConfigError: when there is nothing in it, or nothing that is over.
    """
    today = now.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    starts = source.count(Interval(datetime(1990, 1, 1, tzinfo=UTC), today)).column("window_start")
    if len(starts) == 0:
        raise ConfigError(f"{source.name} holds no record of a day that is over: there is nothing to learn from")
    bounds = pc.min_max(starts).as_py()
    first, last = (bounds[name].replace(hour=0, minute=0, second=0, microsecond=0) for name in ("min", "max"))
    return Interval(first, last + _DAY)


def collect_day(
    store: Store, settings: Settings, sources: Sequence[LogSource], day: str, now: datetime, triggered_by: str
) -> dict[str, int]:
    """Reads one UTC day in one pass and stores its facts and dense totals; nothing is judged and nobody is told.

    A day that is complete by now (a task that is repeated) is left as it is: no counts are returned.

    Raises:
        AilogError: whatever a source raises; the day stays incomplete and is read again by the next run.
    """
    start = datetime.fromisoformat(day).replace(tzinfo=UTC)
    if not baseline_days(store, settings, days=None, bounds=Interval(start, start + _DAY), now=now):
        return {}
    names = tuple(source.name for source in sources)
    made = plan(
        store, settings, kind="init", target=None, bounds=Interval(start, start + _DAY), now=now, dry_run=False, triggered_by=triggered_by,
        sources=names,
    )  # fmt: skip
    for source in sources:
        fetch(store, settings, source, made.run_id)
    counts = classify(store, settings, made.run_id)
    published = publish(store, settings, made.run_id, now)
    cleanup(store, settings, made.run_id, now)
    return {**counts, "stored": published.get("stored", 0)}

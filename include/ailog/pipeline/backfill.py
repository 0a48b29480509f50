"""The final word on whole UTC days: which days are due, and a day from its plan to its publication in one pass over 96 windows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from ailog.domain.events import Interval
from ailog.errors import ConfigError
from ailog.pipeline.classify import classify
from ailog.pipeline.cleanup import cleanup
from ailog.pipeline.detect import detect
from ailog.pipeline.fetch import fetch
from ailog.pipeline.plan import Plan, plan
from ailog.pipeline.propagate import propagate
from ailog.pipeline.store import publish
from ailog.ports import LogSource, Store
from ailog.settings import Settings

_DAY = timedelta(days=1)
_WINDOWS_A_DAY = 96


@dataclass(frozen=True, slots=True)
class Days:
    """UTC days asked for, oldest first: those to read, and those that have their final word already."""

    due: tuple[date, ...]
    final: tuple[date, ...]


def days(store: Store, span: Interval, *, now: datetime, force: bool) -> Days:
    """Divides the days of a span; with ``force`` all of them are to be read.

    Raises:
        ConfigError: a span that is not made of whole UTC days, is empty or reversed, or is not over yet.
    """
    for moment in span:
        if moment.astimezone(UTC) != _midnight(moment):
            raise ConfigError(f"{moment.isoformat()} is not the start of a UTC day: a backfill reads whole days, as in 2026-01-31")
    if span.start >= span.end:
        raise ConfigError(f"from {span.start.date()} is not before to {span.end.date()}: the end is not part of the range")
    if span.end > now:
        last = (span.end - _DAY).date()
        raise ConfigError(f"{last} is not over yet (now {now.astimezone(UTC).isoformat(timespec='minutes')}): a backfill needs whole days")
    wanted = [(span.start + i * _DAY).date() for i in range((span.end - span.start).days)]
    if force:
        return Days(tuple(wanted), ())
    with store.connection("look for days that are final") as connection:
        rows = connection.execute(store.statement("ledger/final_windows"), {"start": span.start, "end": span.end}).fetchall()
    windows: dict[date, int] = {}
    for (window,) in rows:
        windows[window.astimezone(UTC).date()] = windows.get(window.astimezone(UTC).date(), 0) + 1
    final = [day for day in wanted if windows.get(day, 0) >= _WINDOWS_A_DAY]
    return Days(tuple(day for day in wanted if day not in final), tuple(final))


def last_days(count: int, now: datetime) -> Interval:
    """The last so many days that are over."""
    today = _midnight(now)
    return Interval(today - count * _DAY, today)


def plan_days(
    store: Store,
    settings: Settings,
    due: Sequence[date],
    *,
    now: datetime,
    dry_run: bool,
    triggered_by: str,
    sources: tuple[str, ...] | None = None,
) -> Plan:
    """Plans one run over all windows of these days; it is published with the verdict ``final``.

    A day is judged by what the days before it left: when the day before the first has no final word, the run carries a warning.
    """
    windows = [window for day in due for window in _span(day).windows()]
    return plan(
        store, settings, kind="backfill", target=None, bounds=None, windows=windows, now=now, dry_run=dry_run, triggered_by=triggered_by,
        sources=sources, warnings=_without(store, min(due) - _DAY),
    )  # fmt: skip


def backfill_day(
    store: Store,
    settings: Settings,
    sources: Sequence[LogSource],
    day: date,
    now: datetime,
    triggered_by: str,
    *,
    force: bool = False,
    dry_run: bool = False,
) -> dict[str, int]:
    """Reads one day in one pass and publishes its final word; a day that has it already is left as it is unless forced (no counts).

    Raises:
        AilogError: whatever a step raises; the day keeps the word it had.
    """
    if not days(store, _span(day), now=now, force=force).due:
        return {}
    names = tuple(source.name for source in sources)
    made = plan_days(store, settings, [day], now=now, dry_run=dry_run, triggered_by=triggered_by, sources=names)
    for source in sources:
        fetch(store, settings, source, made.run_id)
    counts = classify(store, settings, made.run_id)
    judged = detect(store, settings, made.run_id)
    propagate(store, settings, made.run_id)
    published = publish(store, settings, made.run_id, now)
    cleanup(store, settings, made.run_id, now)
    return {**counts, "judged": judged.get("judged", 0), **published}


def first_window(store: Store) -> datetime | None:
    """The first window that was ever read."""
    with store.connection("read the ledger") as connection:
        row = connection.execute(store.statement("ledger/first_window")).fetchone()
    return row[0].astimezone(UTC) if row and row[0] else None


def _without(store: Store, day: date) -> list[str]:
    """What a day lacks as the ground of the next one; nothing of a day before the first window that a run was ever asked for."""
    span = _span(day)
    with store.connection("look at the day before") as connection:
        row = connection.execute(store.statement("ledger/day_before"), {"start": span.start, "end": span.end}).fetchone()
    complete, final, first = row or (0, 0, None)
    if first is None or first >= span.end or final >= _WINDOWS_A_DAY:
        return []
    again = f"'ailog backfill --force' over the day after {day} reads it again once {day} is final"
    if complete < _WINDOWS_A_DAY:
        return [f"{day} was not read whole ({complete} of {_WINDOWS_A_DAY} windows): the day after it is judged without the rest; {again}"]
    return [f"{day} has no final word: the day after it is judged by what regular runs said of it; {again}"]


def _span(day: date) -> Interval:
    start = datetime(day.year, day.month, day.day, tzinfo=UTC)
    return Interval(start, start + _DAY)


def _midnight(moment: datetime) -> datetime:
    return moment.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)

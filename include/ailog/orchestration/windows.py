"""Which windows a run is asked for: parameters first, then the schedule's data interval, never "now minus"."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from ailog.domain.events import Interval, floor_to_window
from ailog.errors import ConfigError
from ailog.orchestration.patterns import MOMENT_PATTERN

MOST_DAYS: Final = 10
"""Days that one backfill reads in one pass."""

_MOMENT = re.compile(MOMENT_PATTERN)


@dataclass(frozen=True, slots=True)
class Request:
    """What a run is asked to read: ``bounds`` exactly, else ``target`` and what is missing before it."""

    target: Interval | None
    bounds: Interval | None
    dry_run: bool


def request(params: Mapping[str, Any], data_interval: tuple[datetime | None, datetime | None] = (None, None)) -> Request:
    """Reads the parameters ``from``, ``to`` and ``dry_run`` beside the interval that the schedule gives.

    Raises:
        ConfigError: when a bound is unreadable, alone, off the quarter hour, or not before the other.
    """
    bounds = bounds_of(params.get("from"), params.get("to"))
    start, end = data_interval
    target = None
    if bounds is None and start is not None and end is not None and start < end:
        target = aligned(Interval(plain(start), plain(end)))
    return Request(target=target, bounds=bounds, dry_run=bool(params.get("dry_run")))


@dataclass(frozen=True, slots=True)
class BackfillRequest:
    """Which days a backfill is asked for.

    ``asked`` says that a person did, so that no day is left out as too early; ``replayed`` that the run is one of many days that Airflow
    replays.
    """

    span: Interval
    asked: bool
    force: bool
    dry_run: bool
    replayed: bool = False


def backfill_request(
    params: Mapping[str, Any], data_interval: tuple[datetime | None, datetime | None], *, due: datetime, run_type: str
) -> BackfillRequest:
    """Reads the parameters ``from``, ``to``, ``force`` and ``dry_run``; without bounds it is the UTC day before the end of the interval.

    Raises:
        ConfigError: bounds that are unreadable, alone, reversed, or more than ``MOST_DAYS`` apart.
    """
    bounds = bounds_of(params.get("from"), params.get("to"))
    span = bounds
    if span is None:
        end = plain(data_interval[1] or due).replace(hour=0, minute=0, second=0, microsecond=0)
        span = Interval(end - timedelta(days=1), end)
    if span.end - span.start > timedelta(days=MOST_DAYS):
        raise ConfigError(
            f"from {_written(span.start)} to {_written(span.end)} is more than {MOST_DAYS} days: let 'airflow backfill create "
            "--dag-id daily_backfill' or 'ailog backfill' read them day by day"
        )
    return BackfillRequest(
        span,
        asked=bounds is not None or run_type != "scheduled",
        force=bool(params.get("force")),
        dry_run=bool(params.get("dry_run")),
        replayed=bounds is None and run_type == "backfill",
    )


def plain(value: datetime) -> datetime:
    """The same moment as the standard library's datetime in UTC. Airflow gives pendulum's, whose arithmetic fails beside ours."""
    return datetime.fromisoformat(value.isoformat()).astimezone(UTC)


def bounds_of(start: str | None, end: str | None) -> Interval | None:
    """The half-open interval of two written bounds, None when both are empty. A date means its midnight in UTC."""
    if not start and not end:
        return None
    if not start or not end:
        given, lacking = ("from", "to") if start else ("to", "from")
        raise ConfigError(f"{given} is given without {lacking}: give both, or neither for what is due")
    return aligned(Interval(moment(start, "from"), moment(end, "to")))


def aligned(interval: Interval) -> Interval:
    """The interval itself; raises ConfigError unless it covers whole quarter hours, at least one."""
    for bound in interval:
        if floor_to_window(bound) != bound:
            raise ConfigError(f"{_written(bound)} is not on a quarter hour: windows begin at :00, :15, :30 and :45")
    if interval.start >= interval.end:
        raise ConfigError(f"from {_written(interval.start)} is not before to {_written(interval.end)}: the end is not part of the range")
    return interval


def moment(text: str, name: str) -> datetime:
    """A written moment in UTC: a date (its midnight) or RFC 3339 with an offset; raises ConfigError otherwise."""
    stripped = text.strip()
    if _MOMENT.match(stripped):
        try:
            parsed = datetime.fromisoformat(stripped.upper())
            return (parsed if parsed.tzinfo else parsed.replace(tzinfo=UTC)).astimezone(UTC)
        except (ValueError, OverflowError):
            pass
    raise ConfigError(f"{name} is {text!r}: give a date such as 2026-01-31 or a time with its zone such as 2026-01-31T08:15:00Z")


def _written(value: datetime) -> str:
    return value.isoformat().replace("+00:00", "Z")

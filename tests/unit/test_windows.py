"""Windows come from the parameters or the schedule, and a mistake in them is told in words."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta, timezone

import pendulum
import pytest

from ailog.domain.events import Interval
from ailog.errors import ConfigError
from ailog.orchestration.patterns import MOMENT_PATTERN
from ailog.orchestration.windows import bounds_of, moment, request

EIGHT = datetime(2026, 3, 10, 8, 0, tzinfo=UTC)
QUARTER = timedelta(minutes=15)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2026-03-10", datetime(2026, 3, 10, tzinfo=UTC)),
        ("2026-03-10T08:00:00Z", EIGHT),
        ("2026-03-10T08:00Z", EIGHT),
        ("2026-03-10t08:00:00.000z", EIGHT),
        ("2026-03-10 09:00:00+01:00", EIGHT),
        ("  2026-03-10T03:00:00-05:00 ", EIGHT),
    ],
)
def test_a_moment_is_a_date_or_a_time_with_its_zone(text: str, expected: datetime) -> None:
    assert moment(text, "from") == expected
    assert re.match(MOMENT_PATTERN, text.strip())


@pytest.mark.parametrize(
    "text",
    ["", "now", "yesterday", "2026-03-10T08:00:00", "2026-3-1", "10.3.2026", "2026-02-30", "2026-03-10T25:00:00Z", "2026-03-10T08:00:00.5Z",
     "0001-01-01T00:00:00+14:00", "9999-12-31T23:59:00-12:00", "2026-03-10T08:00:00Z; DROP TABLE x", "2026-03-10\n"[:-1] + "\x00"],
)  # fmt: skip
def test_anything_else_is_refused_with_an_example(text: str) -> None:
    with pytest.raises(ConfigError, match=r"from is .*give a date such as"):
        moment(text, "from")


def test_bounds_are_half_open_and_exact() -> None:
    assert bounds_of("2026-03-10", "2026-03-11") == Interval(datetime(2026, 3, 10, tzinfo=UTC), datetime(2026, 3, 11, tzinfo=UTC))
    assert bounds_of(None, None) is None
    assert bounds_of("", None) is None


@pytest.mark.parametrize(
    ("start", "end", "told"),
    [
        ("2026-03-10T08:00:00Z", None, "from is given without to"),
        (None, "2026-03-10T08:00:00Z", "to is given without from"),
        ("2026-03-10T08:07:00Z", "2026-03-10T09:00:00Z", "2026-03-10T08:07:00Z is not on a quarter hour"),
        ("2026-03-10T08:00:00Z", "2026-03-10T08:15:01Z", "2026-03-10T08:15:01Z is not on a quarter hour"),
        ("2026-03-10T08:00:00Z", "2026-03-10T08:00:00Z", "is not before"),
        ("2026-03-11", "2026-03-10", "is not before"),
    ],
)
def test_wrong_bounds_are_told(start: str | None, end: str | None, told: str) -> None:
    with pytest.raises(ConfigError, match=told):
        bounds_of(start, end)


def test_the_schedule_gives_the_target_and_parameters_win_over_it() -> None:
    interval = (EIGHT, EIGHT + QUARTER)
    scheduled = request({"from": None, "to": None, "dry_run": False}, interval)
    assert (scheduled.target, scheduled.bounds, scheduled.dry_run) == (Interval(*interval), None, False)
    bounded = request({"from": "2026-03-01", "to": "2026-03-02", "dry_run": True}, interval)
    assert bounded.target is None
    assert bounded.bounds == bounds_of("2026-03-01", "2026-03-02")
    assert bounded.dry_run


def test_a_run_without_an_interval_has_no_target() -> None:
    assert request({}, (None, None)).target is None
    assert request({}, (EIGHT, EIGHT)).target is None


def test_the_interval_of_airflow_becomes_plain_times() -> None:
    start = pendulum.datetime(2026, 3, 10, 8, 0, tz="UTC")
    target = request({}, (start, start.add(minutes=15))).target
    assert target == Interval(EIGHT, EIGHT + QUARTER)
    assert type(target.start) is datetime
    assert target.end + timedelta(seconds=60) - datetime(2026, 3, 10, 8, 15, tzinfo=UTC) == timedelta(seconds=60)


def test_an_interval_in_another_zone_is_the_same_window() -> None:
    prague = timezone(timedelta(hours=1))
    asked = request({}, (EIGHT.astimezone(prague), (EIGHT + QUARTER).astimezone(prague)))
    assert asked.target == Interval(EIGHT, EIGHT + QUARTER)
    assert asked.target.start.tzinfo is UTC

"""Calendars: local time is reckoned honestly, entries are read or refused whole, and a window is covered by any part of an occurrence."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np
import pandas as pd
import pytest

from ailog.adapters import public_holidays
from ailog.domain.calendar import Calendar, Entry, occurrences, slots_of, states
from ailog.domain.calendar_forms import entry_of, weekdays_of, written
from ailog.domain.events import Interval
from ailog.errors import ConfigError

PRAGUE = "Europe/Prague"
BATCH = {"kind": "batch", "namespaces": "pcb-*", "weekdays": "daily", "time": "02:30", "minutes": 60, "owner": "ops", "reason": "nightly"}
ONCE = {"kind": "maintenance", "from": "2026-03-10T22:07", "to": "2026-03-11T01:00", "owner": "ops", "reason": "upgrade"}


def entry(given: dict[str, Any], **more: Any) -> Entry:
    return entry_of({**given, **more}, timezone=PRAGUE)


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def frame(start: str, windows: int, *namespaces: str) -> pd.DataFrame:
    stamps = pd.date_range(start, periods=windows, freq="15min", tz="UTC")
    return pd.DataFrame([(stamp, name) for stamp in stamps for name in namespaces], columns=["window_start", "namespace"])


@pytest.mark.parametrize(
    ("day", "time", "minutes", "expected"),
    [
        ("2026-03-10", "02:30", 60, ("2026-03-10 01:30", "2026-03-10 02:30")),  # CET
        ("2026-07-10", "02:30", 60, ("2026-07-10 00:30", "2026-07-10 01:30")),  # CEST
        ("2026-03-29", "02:30", 60, ("2026-03-29 01:00", "2026-03-29 02:00")),  # 02:30 is skipped: from 03:00, as long as stated
        ("2026-03-29", "02:00", 60, ("2026-03-29 01:00", "2026-03-29 02:00")),  # the whole slot is skipped
        ("2026-03-29", "01:30", 60, ("2026-03-29 00:30", "2026-03-29 01:30")),  # ends in the skipped hour
        ("2026-10-25", "02:30", 60, ("2026-10-25 00:30", "2026-10-25 02:30")),  # 02:30 comes twice: both
        ("2026-10-25", "02:00", 30, ("2026-10-25 00:00", "2026-10-25 01:30")),
        ("2026-03-28", "23:00", 300, ("2026-03-28 22:00", "2026-03-29 03:00")),  # over the change: never shorter than stated
    ],
)
def test_a_slot_keeps_its_local_time_and_width_over_clock_changes(day: str, time: str, minutes: int, expected: tuple[str, str]) -> None:
    weekday = datetime.fromisoformat(day).weekday()
    found = occurrences(entry(BATCH, weekdays=str(weekday), time=time, minutes=minutes), Interval(utc(day), utc(day) + timedelta(days=1)))
    assert [(f"{start:%Y-%m-%d %H:%M}", f"{end:%Y-%m-%d %H:%M}") for start, end in found] == [expected]


@pytest.mark.parametrize("year", [2025, 2026, 2027])
def test_a_slot_covers_exactly_the_windows_whose_local_clock_lies_in_it(year: int) -> None:
    """An independent look at the wall clock of every window of a year; on the days of a change the slot may cover more, never less."""
    windows = frame(f"{year}-01-01", 365 * 96, "pcb-sit-01-app")
    local = windows["window_start"].dt.tz_convert(PRAGUE)
    minute = local.dt.hour * 60 + local.dt.minute
    inside = (minute >= 150) & (minute < 210) & (local.dt.day_of_week < 5)
    found = Calendar((entry(BATCH, weekdays="mon-fri"),)).covered("batch", "pcb-sit-01-app", slots_of(windows["window_start"]))
    changed = local.dt.date.isin({day.date() for day in local[local.dt.hour.diff().abs().between(2, 22)]})
    assert (found[~changed] == inside[~changed]).all()
    assert (found | ~inside).all()
    assert found.sum() == 4 * len(local[inside].dt.date.unique())


def test_maintenance_covers_windows_that_it_only_touches() -> None:
    marks = Calendar((entry(ONCE, id="up-1", namespaces="pcb-sit-*"),)).marks(
        frame("2026-03-10 20:30", 24, "pcb-sit-01-app", "pcb-prd-01-app")
    )
    assert set(marks["namespace"]) == {"pcb-sit-01-app"}
    # 22:07 CET is 21:07 UTC: its window began at 21:00.
    assert (marks["window_start"].min(), marks["window_start"].max()) == (
        pd.Timestamp("2026-03-10 21:00Z"),
        pd.Timestamp("2026-03-10 23:45Z"),
    )


def test_a_holiday_is_a_local_day_even_when_it_has_23_hours() -> None:
    day = entry({"kind": "holiday", "date": "2026-03-29", "calendar": "CZ", "owner": "hr", "reason": "closed"})
    covered = Calendar((day,)).covered("holiday", "any", slots_of(frame("2026-03-28", 96 * 3, "any")["window_start"]))
    assert np.flatnonzero(covered).tolist() == list(range(92, 92 + 23 * 4))


def test_an_entry_holds_from_its_first_day_to_its_expiry_and_explains_the_past_after_it() -> None:
    found = entry(BATCH, valid_from="2026-03-03", expires="2026-03-05")
    days = [start.date().isoformat() for start, _ in occurrences(found, Interval(utc("2026-03-01"), utc("2026-03-20")))]
    assert days == ["2026-03-03", "2026-03-04"]


def test_states_tell_what_expires_before_it_does() -> None:
    entries = [
        entry(BATCH, id="a"),
        entry(BATCH, id="b", expires="2026-03-15"),
        entry(BATCH, id="c", expires="2026-03-01"),
        entry(ONCE, id="d"),
        entry(BATCH, id="e", valid_from="2026-05-01"),
    ]
    assert states(entries, utc("2026-03-05"), timedelta(days=14)) == {
        "a": "active", "b": "expiring", "c": "expired", "d": "future", "e": "future",
    }  # fmt: skip


@pytest.mark.parametrize("given", [BATCH, ONCE, {"kind": "holiday", "date": "2026-12-24", "calendar": "x", "owner": "o", "reason": "r"}])
def test_what_is_written_is_read_back_the_same(given: dict[str, Any]) -> None:
    once = entry(given)
    assert entry_of(written(once), timezone="UTC") == once
    assert entry(given).entry_id == once.entry_id, "the same entry has the same id"


@pytest.mark.parametrize(
    ("given", "complaint"),
    [
        ({**BATCH, "owner": ""}, "owner is empty"),
        ({**BATCH, "kind": "party"}, "kind is 'party': one of maintenance, holiday, batch"),
        ({**BATCH, "weekdays": "mon-xyz"}, "'xyz' is no day of the week"),
        ({**BATCH, "time": "25:00"}, "time is '25:00'"),
        ({**BATCH, "minutes": "-5"}, "minutes is '-5'"),
        ({**BATCH, "minutes": "99999"}, "from 1 to 10080"),
        ({**BATCH, "timezone": "Mars/Base"}, "'Mars/Base' is no time zone"),
        ({**BATCH, "colour": "red"}, "unknown field colour"),
        ({**BATCH, "id": "; drop table"}, "must be letters"),
        ({**BATCH, "kind": "maintenance"}, "needs expires"),
        ({**ONCE, "to": "2026-03-10T20:00"}, "is not before to"),
        ({**ONCE, "to": ""}, "maintenance needs from and to"),
        ({**ONCE, "from": "2026-10-25T02:30", "to": "2026-10-26"}, "comes twice in Europe/Prague"),
        ({**ONCE, "from": "2026-03-29T02:30", "to": "2026-03-30"}, "does not exist in Europe/Prague"),
        ({**ONCE, "from": "soon"}, "from is 'soon'"),
        ({**ONCE, "weekdays": "mon"}, "give either from and to, or weekdays"),
        ({"kind": "holiday", "date": "2026-02-30", "calendar": "CZ", "owner": "o", "reason": "r"}, "date is '2026-02-30'"),
        ({"kind": "holiday", "calendar": "CZ", "owner": "o", "reason": "r"}, "needs its date"),
        ({**ONCE, "date": "2026-03-10"}, "belong to a holiday"),
    ],
)
def test_a_wrong_entry_is_refused_with_what_is_wrong(given: dict[str, Any], complaint: str) -> None:
    with pytest.raises(ConfigError, match="row 7") as told:
        entry_of(given, timezone=PRAGUE, where="row 7")
    assert complaint in str(told.value)


def test_all_mistakes_of_an_entry_are_told_at_once() -> None:
    with pytest.raises(ConfigError) as told:
        entry({"kind": "batch", "time": "x", "minutes": "y"})
    assert {"time is 'x'", "minutes is 'y'"} <= {part.split(":")[0] for part in str(told.value).split("; ")}


@pytest.mark.parametrize(
    ("text", "days"),
    [
        ("mon-fri", (0, 1, 2, 3, 4)),
        ("sat,sun", (5, 6)),
        ("fri-mon", (0, 4, 5, 6)),
        ("0 6", (0, 6)),
        ("daily", tuple(range(7))),
        ("Wednesday", (2,)),
    ],
)
def test_weekdays_are_read_as_people_write_them(text: str, days: tuple[int, ...]) -> None:
    assert weekdays_of(text) == days


def test_yaml_reads_half_past_two_as_a_number_in_base_sixty() -> None:
    assert entry(BATCH, time=150).local_time == entry(BATCH, time="02:30").local_time


def test_public_holidays_of_a_country_are_entries_like_others() -> None:
    found = {one.day.isoformat(): one.reason for one in public_holidays.entries(["CZ"], [2026], PRAGUE) if one.day}
    assert {"2026-01-01", "2026-04-03", "2026-04-06", "2026-07-06", "2026-12-24"} <= set(found)
    assert public_holidays.entries([], [2026], PRAGUE) == []


@pytest.mark.parametrize("code", ["XX", "DE-ZZ"])
def test_a_country_that_nobody_knows_is_refused(code: str) -> None:
    with pytest.raises(ConfigError, match=f"'{code}' is no country"):
        public_holidays.entries([code], [2026], PRAGUE)

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from ailog.domain.spoken_times import spoken_time

PRAGUE = ZoneInfo("Europe/Prague")


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("2026-03-10 08:20", "2026-03-10T07:20"),
        ("2026-07-10 08:20", "2026-07-10T06:20"),
        ("2026-03-10T08:20:59", "2026-03-10T07:20:59"),
        ("2026-03-10T08:20Z", "2026-03-10T08:20"),
        ("2026-03-10T08:15:00.5z", "2026-03-10T08:15:00.500000"),
        ("2026-03-10 08:20 +05:30", "2026-03-10T02:50"),
        ("2026-03-10 08:20-0100", "2026-03-10T09:20"),
        ("2026-03-10 08:20 CET", "2026-03-10T07:20"),
        ("2026-07-10 08:20 CEST", "2026-07-10T06:20"),
        ("2026-07-10 08:20 cest", "2026-07-10T06:20"),
        ("2026-03-10 08:20 UTC", "2026-03-10T08:20"),
        ("2026-03-10 08:20 America/New_York", "2026-03-10T12:20"),
        ("2026-03-10", "2026-03-09T23:00"),
        (" 2026-03-10 08:20 ", "2026-03-10T07:20"),
        ("2026-10-25 02:20 CEST", "2026-10-25T00:20"),
        ("2026-10-25 02:20 CET", "2026-10-25T01:20"),
        ("2026-10-25 02:20+01:00", "2026-10-25T01:20"),
    ],
)
def test_a_time_is_read_as_people_write_it(text: str, meant: str) -> None:
    assert spoken_time(text, PRAGUE) == datetime.fromisoformat(meant).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("2026-10-25 02:20", "show it twice"),
        ("2026-03-29 02:20", "skip it"),
        ("2026-02-30 08:20", "day is out of range"),
        ("2026-03-10 25:20", "hour must be in"),
        ("2026-03-10 08:20 XYZ", "'XYZ' is no time zone"),
        ("2026-03-10 08:20 ../../etc/passwd", "no time"),
        ("2026-03-10 08:20 CEST", "'CEST' is no time zone"),
        ("2026-03-10 08:20 +99:00", "2026-01-31"),
        ("10.3.2026 8:20", "no time"),
        ("08:20", "no time"),
        ("yesterday", "no time"),
        ("٢٠٢٦-03-10 08:20", "no time"),
        ("", "no time"),
        ("0001-01-01 00:00", "2026-01-31"),
    ],
)
def test_what_cannot_be_told_is_refused_with_an_example(text: str, said: str) -> None:
    with pytest.raises(ValueError, match="give a time such as '2026-01-31 08:20'") as caught:
        spoken_time(text, PRAGUE)
    assert said in str(caught.value)

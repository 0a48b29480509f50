"""The messages of an incident's life: as many as regular runs would have told."""

from __future__ import annotations

from collections import Counter
from datetime import datetime, timedelta
from typing import Any

import pandas as pd
import pytest
from tests.support.judging import TUESDAY, WINDOW, settings

from ailog.domain.calendar import Entry
from ailog.domain.silences import Silence
from ailog.pipeline.replay import messages
from ailog.pipeline.replay_notices import Hiding, told
from ailog.settings import Settings

DAY = timedelta(days=1)


def life(
    *counts: int,
    changed: Settings | None = None,
    hidden: Hiding | None = None,
    score: float = 65.0,
    person: datetime | None = None,
    until: datetime = TUESDAY + DAY,
) -> list[tuple[int, str]]:
    """Windows after the opening with what was told at their end; a count of 0 is a window without the incident."""
    chosen = changed or settings()
    windows = [(TUESDAY + place * WINDOW, count) for place, count in enumerate(counts) if count]
    rows = pd.DataFrame(
        {
            "incident_id": "i", "window_start": pd.DatetimeIndex([start for start, _ in windows]), "score": score, "severity": "high",
            "original_value": [count for _, count in windows], "apps": [{"shop": count} for _, count in windows],
            "fingerprints": [["f"] for _ in windows],
        }
    )  # fmt: skip
    over = windows[-1][0] + WINDOW + timedelta(minutes=chosen.incidents.quiet_minutes)
    ended: Any = person or (over if over <= until else None)
    incidents = pd.DataFrame(
        {"incident_id": ["i"], "namespace": ["a"], "problem_key": ["P"], "resolved_at": pd.DatetimeIndex([ended], tz="UTC") if ended is None else [pd.Timestamp(ended)],
         "resolved_by": ["ada" if person else "quiet" if ended else None]}
    )  # fmt: skip
    words = told(incidents, rows, chosen, until, hidden or Hiding())
    return [(int((one.window_end - TUESDAY) / WINDOW) - 1, one.kind) for one in words]


@pytest.mark.parametrize(
    ("counts", "expected"),
    [
        ((50,), [(0, "opened"), (4, "resolved")]),
        ((50, 50, 50), [(0, "opened"), (6, "resolved")]),
        ((50, 0, 0, 0, 50), [(0, "opened"), (8, "resolved")]),
        ((50, 200), [(0, "opened"), (1, "grown"), (5, "resolved")]),
        ((50,) * 10, [(0, "opened"), (8, "heartbeat"), (13, "resolved")]),
    ],
    ids=["one window", "three", "gaps", "grown", "long"],
)
def test_a_life_is_told_as_runs_would(counts: tuple[int, ...], expected: list[tuple[int, str]]) -> None:
    assert life(*counts) == expected


def test_what_goes_on_at_the_end_of_the_span_has_no_end_yet() -> None:
    assert life(50, 50, until=TUESDAY + 2 * WINDOW) == [(0, "opened")]


def test_a_score_below_the_limit_is_told_never() -> None:
    assert life(50, 200, score=20.0) == []


def test_no_channel_no_word() -> None:
    assert life(50, changed=settings(notify={"channels": []})) == []


def test_a_person_ends_it_before_the_quiet_time_does() -> None:
    assert life(50, person=TUESDAY + 2 * WINDOW) == [(0, "opened"), (1, "resolved")]


def test_a_silence_hides_while_it_is_in_force() -> None:
    silence = Silence(1, "*", "a", frozenset(), "high", "o", "r", TUESDAY - DAY, TUESDAY + 3 * WINDOW)
    assert life(50, 50, 50, 50, hidden=Hiding([silence])) == [(2, "opened"), (7, "resolved")]
    assert life(50, 50, hidden=Hiding([silence])) == []


def test_maintenance_hides_news_of_its_windows() -> None:
    entry = Entry("m", "maintenance", "o", "r", ("a",), "UTC", TUESDAY, TUESDAY + 2 * WINDOW)
    assert life(50, 50, 50, hidden=Hiding((), [entry])) == [(2, "opened"), (6, "resolved")]


def test_one_message_tells_all_that_a_run_found() -> None:
    incidents, rows = [], []
    for name in ("a", "b"):
        rows.append(
            {
                "incident_id": name,
                "window_start": pd.Timestamp(TUESDAY),
                "score": 65.0,
                "severity": "high",
                "original_value": 9,
                "apps": {},
                "fingerprints": [],
            }
        )
        incidents.append({"incident_id": name, "namespace": name, "problem_key": "P", "resolved_at": pd.NaT, "resolved_by": None})
    words = told(pd.DataFrame(incidents), pd.DataFrame(rows), settings(), TUESDAY + WINDOW, Hiding())
    found = messages(words)
    assert (found.total, dict(found.by_namespace), Counter(found.by_kind)) == (1, {"a": 1, "b": 1}, Counter(opened=2))

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import numpy as np
import pandas as pd
import pytest
from tests.support.judging import TUESDAY, counts, judged, totals_frame

from ailog.domain.detectors.silence import silence

NAME = "pcb-uat-01-app"
QUARTER = timedelta(minutes=15)


def history(mean: float, *, documents: bool = True, quiet_before: int = 0, phi: float = 0.1) -> pd.DataFrame:
    frame = counts(np.random.default_rng(5), {NAME: mean}, TUESDAY.replace(hour=0, minute=0) - timedelta(days=28), 29, phi=phi)
    recent = frame["window_start"] >= pd.Timestamp(TUESDAY - quiet_before * QUARTER)
    frame.loc[recent, ["count", "documents"]] = 0
    if not documents:
        frame["documents"] = pd.array([pd.NA] * len(frame), dtype="Int64")
    return frame[frame["window_start"] < pd.Timestamp(TUESDAY)].reset_index(drop=True)


def verdict(past: pd.DataFrame | None, *, window: datetime = TUESDAY, **row: Any) -> dict[str, Any]:
    totals = totals_frame([{"window_start": window, "namespace": NAME, "count": 0, **row}])
    table = silence(judged([window], totals, history=past))
    assert len(table) == 1
    return table.iloc[0].to_dict()


@pytest.mark.parametrize(
    ("what", "past", "row", "stage"),
    [
        ("no record where hundreds come", history(40), {"documents": 0}, "fired"),
        ("records of other levels come", history(40), {"documents": 350}, "no_errors"),
        ("the window was read in part", history(40), {"documents": 0, "complete": False}, "partial"),
        ("no history", None, {"documents": 0}, "no_history"),
        ("a namespace that seldom logs", history(0.02), {"documents": 0}, "floor"),
        ("no errors in one window, other levels not counted", history(40, documents=False), {}, "significance"),
        ("no errors for over an hour, other levels not counted", history(200, documents=False, quiet_before=4), {}, "fired"),
        ("documents known now and never before", history(40, documents=False), {"documents": 12}, "no_errors"),
    ],
)
def test_no_data_fires_and_no_errors_does_not(what: str, past: pd.DataFrame | None, row: dict[str, Any], stage: str) -> None:
    answer = verdict(past, **row)
    assert answer["stage"] == stage, (what, answer["reason"], answer["evidence"])
    assert answer["fired"] == (stage == "fired"), what


def test_no_data_and_no_errors_are_told_apart_in_words() -> None:
    assert verdict(history(40), documents=0)["reason"].startswith("no data: not one record of any level in 15 min; ")
    assert verdict(history(40), documents=350)["reason"] == "no errors, while 350 records of other levels came"


def test_a_night_that_is_always_empty_is_no_silence() -> None:
    past = history(40)
    night = past["window_start"].dt.hour.isin([0, 1, 2])
    past.loc[night, ["count", "documents"]] = 0
    at_one = TUESDAY.replace(hour=1, minute=15)
    before = past[past["window_start"] < pd.Timestamp(at_one)]
    assert not verdict(before, window=at_one, documents=0)["fired"]


def test_empty_days_in_the_season_make_another_a_habit() -> None:
    past = history(40)
    weekly = past["window_start"].isin([pd.Timestamp(TUESDAY - timedelta(days=days)) for days in (7, 14, 21)])
    past.loc[weekly, ["count", "documents"]] = 0
    assert verdict(past, documents=0)["stage"] == "habit"


def test_a_stretch_ends_at_an_unread_window() -> None:
    past = history(200, documents=False, quiet_before=4)
    gap = past[past["window_start"] != pd.Timestamp(TUESDAY - QUARTER)]
    assert verdict(past)["evidence"]["windows"] == 5
    assert verdict(gap)["evidence"]["windows"] == 1


def test_empty_windows_of_the_same_run_lengthen_the_stretch() -> None:
    windows = [TUESDAY + i * QUARTER for i in range(3)]
    totals = totals_frame([{"window_start": w, "namespace": NAME, "count": 0, "documents": 0} for w in windows])
    table = silence(judged(windows, totals, history=history(40)))
    assert [evidence["windows"] for evidence in table["evidence"]] == [1, 2, 3]
    assert table["fired"].all()


def test_a_window_with_errors_is_not_judged() -> None:
    totals = totals_frame([{"window_start": TUESDAY, "namespace": NAME, "count": 1, "documents": 1}])
    assert silence(judged([TUESDAY], totals, history=history(40))).empty

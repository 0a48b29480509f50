"""Sums of the last days go on from day to day, and end when their days are over."""

from __future__ import annotations

import pandas as pd

from ailog.pipeline.replay_memory import Sums, add_frame


def test_a_sum_holds_the_days_asked_for_and_no_other() -> None:
    sums = Sums(3)
    for day in range(10, 20):
        sums.begin(day)
        before = [one for one in range(10, day) if one >= day - 3]
        assert sums.of(["a", "b", "unknown"]).tolist() == [len(before), sum(before), 0]
        sums.add(day, ["a", "b"], [1, day])


def test_days_without_anything_leave_all_the_same() -> None:
    sums = Sums(2)
    sums.add(1, ["a"], [5])
    sums.begin(3)
    assert sums.of(["a"]).tolist() == [5]
    sums.begin(4)
    assert sums.of(["a"]).tolist() == [0]


def test_nothing_is_known_before_the_first_day() -> None:
    assert Sums(7).of([("a", "b")]).tolist() == [0]
    assert Sums(7).of([]).tolist() == []


def test_a_frame_of_many_days_is_added_day_by_day() -> None:
    sums = Sums(5)
    frame = pd.DataFrame({"day": [2, 1, 2, 1], "n": ["x", "x", "y", "x"], "p": ["a", "a", "a", "b"], "count": [1, 2, 4, 8]})
    add_frame(sums, frame, ["n", "p"])
    add_frame(sums, frame.drop(columns="day"), ["n", "p"], 3)
    assert sums.of([("x", "a"), ("y", "a"), ("x", "b")]).tolist() == [6, 8, 16]
    sums.begin(7)
    assert sums.of([("x", "a"), ("y", "a"), ("x", "b")]).tolist() == [4, 8, 8]

from __future__ import annotations

from dataclasses import fields, replace
from datetime import timedelta

import numpy as np
import pandas as pd
import pytest
from tests.support.judging import TUESDAY, judged, stamps, totals_frame

from ailog.domain.detectors.escalating import escalating
from ailog.domain.detectors.levels import COLUMNS
from ailog.domain.norms.grid import to_grid
from ailog.domain.norms.history import Memory, lead
from ailog.domain.norms.packing import Record, last_day, memory_of, pack, todays, unpack
from ailog.domain.norms.rise import rises
from ailog.domain.norms.walk import State

DAYS = 30


def daily(levels: np.ndarray, seed: int = 1) -> np.ndarray:
    """Poisson counts (1, n, 96) around a level for each day."""
    return np.random.default_rng(seed).poisson(levels[:, None], (len(levels), 96))[None].astype(float)


def score(levels: np.ndarray, **more: np.ndarray) -> float:
    counts = daily(levels)
    flagged = more.get("flagged", np.zeros(counts.shape, bool))
    return float(rises(counts, np.ones_like(counts), flagged).score[0])


def climb(days: int, a_day: float, base: float = 20.0) -> np.ndarray:
    return base * (1 + a_day) ** np.maximum(0, np.arange(DAYS) - (DAYS - 1 - days))


@pytest.mark.parametrize(
    ("levels", "rises_now"),
    [
        (climb(5, 0.12), True),
        (np.full(DAYS, 20.0), False),
        (climb(5, 0.03), False),  # too little to be worth a word
        (np.where(np.arange(DAYS) < DAYS - 3, 20.0, 60.0), False),  # a jump is told when it happens
        (climb(9, 0.12), False),  # told days ago
        (np.where(np.arange(DAYS) % 7 < 2, 40.0, 20.0), False),  # a rhythm
        (climb(5, 0.12, base=0.05), False),  # a handful of events
        (np.where(np.arange(DAYS) == DAYS - 2, 5.0, climb(5, 0.12)), False),  # not each of the last days
    ],
    ids=["climb", "flat", "slight", "jump", "told before", "rhythm", "few", "one day down"],
)
def test_a_slow_rise_is_seen_on_the_day_on_which_it_shows(levels: np.ndarray, rises_now: bool) -> None:
    assert (score(levels) > 10) == rises_now


def test_what_single_windows_tell_is_no_slow_rise() -> None:
    flagged = np.zeros((1, DAYS, 96), bool)
    flagged[:, -3:, 40:60] = True
    assert score(climb(5, 0.12), flagged=flagged) == 0


def test_days_that_were_not_read_make_no_rise() -> None:
    counts = daily(climb(5, 0.12))
    counts[:, -2] = np.nan
    assert rises(counts, np.ones_like(counts), np.zeros(counts.shape, bool)).score.tolist() == [0.0]
    empty = np.full((2, 10, 96), np.nan)
    assert rises(empty, np.ones_like(empty), np.zeros(empty.shape, bool)).score.tolist() == [0.0, 0.0]


def levels_frame(rows: list[tuple[str, str, float, float, float]]) -> pd.DataFrame:
    """Rows of namespace, subject, score, level, base in the first window of a day."""
    frame = pd.DataFrame(0.0, index=range(len(rows)), columns=list(COLUMNS))
    frame["window_start"] = stamps([TUESDAY] * len(rows))
    for name, place in (("namespace", 0), ("subject", 1), ("rise_score", 2), ("rise_level", 3), ("rise_base", 4)):
        frame[name] = [row[place] for row in rows]
    return frame.assign(judged=True)


def test_a_problem_speaks_for_its_namespace_and_an_unknown_rise_is_no_verdict_of_a_rise() -> None:
    rows = [
        ("a", "namespace", 30.0, 50.0, 20.0),
        ("a", "DATABASE:orders:timeout", 25.0, 30.0, 10.0),
        ("a", "DATABASE:orders:refused", 0.0, 30.0, 30.0),
        ("b", "namespace", 12.0, 50.0, 20.0),
        ("c", "namespace", 4.0, 50.0, 30.0),
        ("d", "namespace", 0.0, np.nan, np.nan),
        ("e", "namespace", np.nan, np.nan, np.nan),
    ]
    totals = totals_frame([{"window_start": TUESDAY, "namespace": name, "count": 1} for name in "abcde"])
    table = escalating(replace(judged([TUESDAY], totals), levels=levels_frame(rows), alarm_limit=10.0))
    found = {(row["namespace"], row["subject"]): row["stage"] for row in table.to_dict("records")}
    assert found == {
        ("a", "namespace"): "problem",
        ("a", "DATABASE:orders:timeout"): "fired",
        ("b", "namespace"): "fired",
        ("c", "namespace"): "budget",
        ("d", "namespace"): "no_history",
    }
    reason = table.loc[table["namespace"] == "b", "reason"].iloc[0]
    assert reason.startswith("4,800 errors a day over the last 3 days, 1,920 in the weeks before")


def test_what_is_packed_comes_back_bit_for_bit() -> None:
    rng = np.random.default_rng(4)
    windows = pd.date_range(TUESDAY - timedelta(days=12), periods=12 * 96, freq="15min")
    frame = pd.concat([pd.DataFrame({"namespace": n, "window_start": windows, "count": rng.poisson(9, len(windows))}) for n in "ab"])
    grid = to_grid(frame, "Europe/Prague")
    memory, state = Memory.none(2), State.new(2)
    lead(grid, memory, state)
    today = todays(memory, 1, 4)
    assert today is not None
    for value in (today, state, last_day(memory)):
        again, known = unpack(pack(value), value)
        assert known.all()
        assert pack(again) == pack(value)
    other, known = unpack([None, b"12345678", pack(state)[1]], State.new(1))
    assert known.tolist() == [False, False, True]
    assert pack(other)[2] == pack(state)[1]


def test_a_memory_made_of_its_days_is_the_memory() -> None:
    kept = {field.name for field in fields(Memory)} - {"kind", "offset"}
    assert {field.name for field in fields(Record)} == kept, "a day that is remembered holds all that a memory holds of it"
    days = [Record(np.full((1, 1, 96), n), np.zeros((1, 1, 96), bool), np.ones((1, 1, 96)), np.ones((1, 1, 96))) for n in (1.0, 2.0)]
    memory = memory_of(days, np.array([0, 1]), np.array([4, 4]), 1)
    assert memory.counts[0, :, 0].tolist() == [1.0, 2.0]

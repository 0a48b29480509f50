from __future__ import annotations

import math
from datetime import UTC, datetime, timedelta

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import settings as budget
from hypothesis import strategies as st
from tests.support.judging import TUESDAY, counts

from ailog.domain.negative_binomial import log_upper_tail, log_zero
from ailog.domain.seasonal import Seasons, seasons

NAMES = {"pcb-sit-01-app": 40.0}
FIRST = datetime(2026, 2, 9, tzinfo=UTC)


def steady(mean: float = 40.0, days: int = 29, seed: int = 3, phi: float = 0.05) -> pd.DataFrame:
    frame = counts(np.random.default_rng(seed), {"pcb-sit-01-app": mean}, FIRST, days, phi=phi, night=1, weekend=1)
    return frame[frame["window_start"] < pd.Timestamp(TUESDAY)].reset_index(drop=True)


def raised(history: pd.DataFrame, rows: pd.Series, factor: float) -> pd.DataFrame:
    changed = history.copy()
    changed.loc[rows, "count"] = (changed.loc[rows, "count"] * factor).astype(int)
    return changed


def expected(history: pd.DataFrame, window: datetime = TUESDAY, zone: str = "Europe/Prague") -> tuple[float, float]:
    season = Seasons(history, list(NAMES), zone).at(window, 8)
    return float(season.mean[0]), float(season.phi[0])


def summed(y: int, mean: float, phi: float) -> float:
    """The tail, term by term from the definition of the distribution."""
    r = 1 / phi
    below = [
        math.exp(math.lgamma(k + r) - math.lgamma(r) - math.lgamma(k + 1) + r * math.log(r / (r + mean)) + k * math.log(mean / (mean + r)))
        for k in range(y)
    ]
    return 1 - math.fsum(below)


@budget(max_examples=150)
@given(y=st.integers(0, 300), mean=st.floats(0.01, 200), phi=st.floats(0.005, 4))
def test_tail_agrees_with_the_sum_of_its_terms(y: int, mean: float, phi: float) -> None:
    assert math.exp(float(log_upper_tail(y, mean, phi))) == pytest.approx(summed(y, mean, phi), abs=1e-9)


@pytest.mark.parametrize(
    ("y", "mean", "phi", "log_tail"),
    [
        (270, 28, 0.2, -32.5733165542),  # sums of the terms from y upwards, on a log scale
        (60, 50, 0.004, -2.1857463033),
        (5000, 10, 0.5, -904.8811509670),
        (0, 10, 0.5, 0.0),
        (0, 0, 0.5, 0.0),
        (1, 0, 0.5, -math.inf),
    ],
)
def test_tail_stays_exact_far_beyond_floats(y: int, mean: float, phi: float, log_tail: float) -> None:
    assert float(log_upper_tail(y, mean, phi)) == pytest.approx(log_tail, rel=1e-9)


def test_chance_of_none_is_the_complement_of_one_or_more() -> None:
    assert math.exp(float(log_zero(2.0, 0.7))) == pytest.approx(1 - math.exp(float(log_upper_tail(1, 2.0, 0.7))))


def test_season_knows_the_level_and_the_spread() -> None:
    mean, phi = expected(steady())
    assert mean == pytest.approx(40, rel=0.1)
    assert 0.01 < phi < 0.12


@pytest.mark.parametrize(
    ("name", "first", "last", "factor"),
    [
        ("one window of a thousand times", "2026-03-03 09:15", "2026-03-03 09:15", 1000),
        ("an hour on two days", "2026-03-03 08:45", "2026-03-04 09:45", 10),
        ("a week of tenfold errors", "2026-02-23 00:00", "2026-03-01 23:45", 10),
        ("a week of nothing", "2026-02-23 00:00", "2026-03-01 23:45", 0),
    ],
)
def test_a_past_incident_does_not_move_the_season(name: str, first: str, last: str, factor: float) -> None:
    history = steady()
    inside = history["window_start"].between(pd.Timestamp(first, tz="UTC"), pd.Timestamp(last, tz="UTC"))
    clean, _ = expected(history)
    mean, phi = expected(raised(history, inside, factor))
    assert mean == pytest.approx(clean, rel=0.15), name
    assert phi < 0.3, name


def test_season_looks_at_no_window_of_its_own_day_or_later() -> None:
    history = counts(np.random.default_rng(4), NAMES, FIRST, 40, phi=0.05)
    later = history["window_start"] >= pd.Timestamp(TUESDAY).normalize() - timedelta(hours=1)  # local midnight
    assert expected(raised(history, later, 50)) == expected(history)


def test_working_days_saturdays_and_sundays_have_seasons_of_their_own() -> None:
    history = counts(np.random.default_rng(5), NAMES, FIRST, 29, phi=0.02, weekend=0.1)
    noon = datetime(2026, 3, 9, 11, tzinfo=UTC)
    by_day = [expected(history, noon + timedelta(days=day))[0] for day in (0, 5, 6)]
    assert by_day[0] == pytest.approx(40, rel=0.15)
    assert by_day[1:] == pytest.approx([4, 4], rel=0.4)


def test_all_days_stand_in_for_a_kind_of_day_with_too_few_samples() -> None:
    history = steady(days=5)  # Monday to Friday
    saturday = datetime(2026, 2, 14, 9, 15, tzinfo=UTC)
    season = Seasons(history, ["pcb-sit-01-app", "unread"], "Europe/Prague").at(saturday, 8)
    assert season.label == ["all days", "all days"]
    assert season.samples.tolist() == [25, 0]
    assert np.isnan(season.mean[1])


def test_a_slot_that_always_differs_keeps_its_own_mean() -> None:
    history = steady(2.0)
    nightly = (history["window_start"].dt.hour == 1) & (history["window_start"].dt.minute == 15)
    history.loc[nightly, "count"] = np.random.default_rng(6).poisson(60, int(nightly.sum()))
    assert expected(history, datetime(2026, 3, 10, 1, 15, tzinfo=UTC))[0] == pytest.approx(60, rel=0.2)
    assert expected(history, datetime(2026, 3, 10, 1, 45, tzinfo=UTC))[0] < 12


def test_local_hours_are_followed_across_a_clock_change() -> None:
    history = counts(np.random.default_rng(7), {"pcb-sit-01-app": 80.0}, datetime(2026, 3, 2, tzinfo=UTC), 29, phi=0.02, night=0.02)
    monday = datetime(2026, 3, 30, 7, 30, tzinfo=UTC)  # 9:30 local
    there, _ = expected(history, monday)
    assert there == pytest.approx(80 * math.sin(2.5 / 12 * math.pi), rel=0.2)
    in_utc, _ = expected(history, monday, "UTC")
    assert in_utc < 0.8 * there  # 7:30 UTC used to be 8:30 local, when fewer errors come


def test_missing_windows_are_gaps_and_not_zeros() -> None:
    history = steady()
    kept = history[np.random.default_rng(8).random(len(history)) < 0.5].reset_index(drop=True)
    assert expected(kept)[0] == pytest.approx(40, rel=0.15)


@pytest.mark.parametrize("value", [0, 7])
def test_constant_history_gives_a_finite_season(value: int) -> None:
    history = steady()
    history["count"] = value
    mean, phi = expected(history)
    assert mean == pytest.approx(value, abs=0.01)
    assert np.isfinite(phi)


def test_parts_of_many_namespaces_give_what_one_gives() -> None:
    names = {f"n{i:04}": 5.0 for i in range(1100)}
    base = counts(np.random.default_rng(9), {"a": 5.0}, FIRST, 8)
    history = pd.concat([base.assign(namespace=name) for name in list(names)[::100]], ignore_index=True)
    parts = list(seasons(history, list(names), "UTC"))
    assert [len(part) for part, _ in parts] == [1000, 100]
    window = FIRST + timedelta(days=8, hours=9)
    means = np.concatenate([model.at(window, 8).mean for _, model in parts])
    assert means[1000] == means[0]
    assert np.isnan(means[1])


def test_a_stretch_sums_its_windows() -> None:
    season = Seasons(steady(), list(NAMES), "Europe/Prague").at(TUESDAY, 8)
    sums, chance, empty = season.stretch(4)
    assert sums[0] == pytest.approx(160, rel=0.1)
    assert chance[0] < season.stretch(1)[1][0] < 0
    assert empty[0] == 0
    with pytest.raises(ValueError, match="1 to 5"):
        season.stretch(6)


def test_a_weekday_that_always_has_more_is_its_own_usual() -> None:
    history = steady()
    tuesdays = history["window_start"].dt.tz_convert("Europe/Prague").dt.day_of_week == 1
    assert expected(raised(history, tuesdays, 4))[0] == pytest.approx(160, rel=0.2)
    once = history["window_start"].dt.tz_convert("Europe/Prague").dt.normalize() == pd.Timestamp("2026-03-03", tz="Europe/Prague")
    assert expected(raised(history, once, 4))[0] == pytest.approx(40, rel=0.15)

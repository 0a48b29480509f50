"""What thresholds are not learnt from: each window is left out for one reason, an outage does not teach, and ordinary weeks stay whole."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime, timedelta

import numpy as np
import pandas as pd
import pytest

from ailog.domain import hygiene
from ailog.domain.calendar import Calendar, Entry
from ailog.domain.thresholds import train
from ailog.settings_calendar import Hygiene

WEEK = 7 * 96
RULES = Hygiene()
NOBODY = Calendar(())


def weeks(level: float, number: int, seed: int, start: str = "2026-02-02") -> pd.DataFrame:
    """Windows of one namespace: a daily rhythm in local time, quieter weekends, noise wider than Poisson."""
    rng = np.random.default_rng(seed)
    stamps = pd.date_range(start, periods=number * WEEK, freq="15min", tz="UTC")
    local = stamps.tz_convert("Europe/Prague")
    hour = (local.hour + local.minute / 60).to_numpy()
    mean = level * (0.3 + 1.7 * np.exp(-(((hour - 13) / 4) ** 2))) * np.where(local.day_of_week >= 5, 0.35, 1)
    odds = 1 / (1 + min(level, 10))
    counts = rng.negative_binomial(np.maximum(mean * odds / (1 - odds), 1e-3), odds)
    return pd.DataFrame(
        {
            "namespace": "pcb-sit-01-app",
            "slot": stamps.as_unit("s").asi8 // 900,
            "count": counts,
            "documents": np.nan,
            "complete": True,
            "estimated": False,
            "incident": False,
        }
    )


def reasons(codes: hygiene.Codes) -> dict[str, int]:
    return dict(Counter(hygiene.REASONS[code - 1] for code in codes if code))


def limits(windows: pd.DataFrame, codes: hygiene.Codes | None = None) -> pd.Series:
    kept = windows if codes is None else windows[codes == hygiene.KEPT]
    starts = pd.to_datetime(kept["slot"].to_numpy() * 900, unit="s", utc=True)
    frame = pd.DataFrame({"window_start": starts, "namespace": kept["namespace"].to_numpy(), "count": kept["count"].to_numpy()})
    return train(frame, 0.93).dropna(subset=["weekday"]).set_index("weekday")["threshold"]


@pytest.mark.parametrize("start", ["2026-02-02", "2026-03-16", "2026-10-12"], ids=["winter", "spring forward", "fall back"])
@pytest.mark.parametrize("level", [0.2, 2, 10, 50, 300])
def test_ordinary_weeks_are_kept_whole_over_clock_changes_too(level: float, start: str) -> None:
    left = [(hygiene.why_left_out(weeks(level, 4, seed, start), NOBODY, RULES) != 0).mean() for seed in range(5)]
    assert np.mean(left) < 0.003


@pytest.mark.parametrize("level", [0.2, 2, 10, 50, 300])
@pytest.mark.parametrize("flagged", ["none", "half", "five of eight"])
@pytest.mark.parametrize("number", [3, 4])
def test_a_week_long_outage_does_not_raise_the_limits_however_little_of_it_was_flagged(level: float, flagged: str, number: int) -> None:
    windows = weeks(level, number, seed=7)
    usual = limits(windows)
    outage = slice(WEEK + 30, 2 * WEEK + 30)
    rng = np.random.default_rng(3)
    counts = windows["count"].to_numpy().copy()
    counts[outage] = counts[outage] * 8 + rng.poisson(60, WEEK)
    marks = {"none": np.zeros(WEEK, bool), "half": rng.random(WEEK) < 0.5, "five of eight": np.arange(WEEK) % 8 < 5}
    incident = np.zeros(len(windows), bool)
    incident[outage] = marks[flagged]
    windows = windows.assign(count=counts, incident=incident)
    poisoned = ((limits(windows[~incident]) + 1) / (usual + 1)).max()
    assert poisoned > 1.5, "without the rule it would have raised them"
    codes = hygiene.why_left_out(windows, NOBODY, RULES)
    assert hygiene.withheld("pcb-sit-01-app", windows["slot"].to_numpy(), codes) == []
    learnt = limits(windows, codes)
    assert (((learnt + 1) / (usual + 1)).between(0.7, 1.4) | ((learnt - usual).abs() <= 1)).all()


def test_a_gap_of_a_week_does_not_change_what_is_left_out_nor_lower_the_limits() -> None:
    windows = weeks(50, 4, seed=1)
    gone = windows.drop(index=range(WEEK, 2 * WEEK)).reset_index(drop=True)
    codes = hygiene.why_left_out(gone, NOBODY, RULES)
    assert limits(gone, codes).to_numpy() == pytest.approx(limits(windows).to_numpy(), rel=0.15)


def test_a_week_without_any_record_is_a_gap_and_one_without_errors_is_not() -> None:
    windows = weeks(50, 4, seed=1).assign(documents=1000.0)
    usual = limits(windows)
    silent = slice(WEEK, 2 * WEEK - 1)
    windows.loc[silent, ["count", "documents"]] = [0, 0.0]
    codes = hygiene.why_left_out(windows, NOBODY, RULES)
    assert reasons(codes)["no_data"] == WEEK
    assert hygiene.withheld("pcb-sit-01-app", windows["slot"].to_numpy(), codes) == []
    assert limits(windows, codes).to_numpy() == pytest.approx(usual.to_numpy(), rel=0.15)
    windows.loc[silent, "documents"] = 800.0
    assert "no_data" not in reasons(hygiene.why_left_out(windows, NOBODY, RULES))


def test_a_namespace_that_never_logs_at_night_keeps_its_zeros() -> None:
    windows = weeks(50, 4, seed=1).assign(documents=1000.0)
    night = (windows["slot"] % 96) < 24
    windows.loc[night, ["count", "documents"]] = [0, 0.0]
    assert "no_data" not in reasons(hygiene.why_left_out(windows, NOBODY, RULES))


def test_a_level_that_changed_is_learnt_once_it_holds_in_more_than_half_of_the_weeks() -> None:
    windows = weeks(50, 4, seed=2)
    for week, learnt in ((3, False), (2, False), (1, True)):
        changed = windows.assign(count=np.where(np.arange(len(windows)) >= week * WEEK, windows["count"] * 6 + 50, windows["count"]))
        codes = hygiene.why_left_out(changed, NOBODY, RULES)
        assert (reasons(codes).get("unlike_other_weeks", 0) == 0) is learnt


def test_a_batch_every_week_is_normal_and_one_in_four_is_not() -> None:
    windows = weeks(10, 4, seed=3)
    sunday_night = (hygiene.weekdays_of(windows["slot"].to_numpy()) == 6) & ((windows["slot"] % 96) < 16)
    weekly = windows.assign(count=np.where(sunday_night, 400, windows["count"]))
    assert reasons(hygiene.why_left_out(weekly, NOBODY, RULES)) == {}
    once = sunday_night & (np.arange(len(windows)) < WEEK)
    assert reasons(hygiene.why_left_out(windows.assign(count=np.where(once, 400, windows["count"])), NOBODY, RULES)) == {
        "unlike_other_weeks": 16
    }


def test_each_window_has_the_first_reason_that_holds() -> None:
    start = datetime(2026, 2, 2, tzinfo=UTC)
    maintenance = Entry("m", "maintenance", "ops", "x", starts_at=start, ends_at=start + timedelta(hours=2))
    holiday = Entry("h", "holiday", "hr", "x", day=start.date(), calendar="CZ")
    windows = weeks(0.2, 3, seed=1)
    for number, column in enumerate(["complete", "estimated", "incident"]):
        windows.loc[number, column] = column != "complete"
    windows.loc[0, ["estimated", "incident"]] = True
    codes = hygiene.why_left_out(windows, Calendar((maintenance, holiday)), RULES)
    assert reasons(codes) == {"incomplete": 1, "estimated": 1, "incident": 1, "maintenance": 5, "holiday": 88}
    codes = hygiene.why_left_out(windows, Calendar((maintenance, holiday)), Hygiene(holidays=False))
    assert "holiday" not in reasons(codes)


def test_a_weekday_of_which_more_was_left_out_than_kept_is_withheld_and_gaps_do_not_count() -> None:
    windows = weeks(5, 3, seed=1)
    monday = hygiene.weekdays_of(windows["slot"].to_numpy()) == 0
    windows["incident"] = monday & (np.arange(len(windows)) < 2 * WEEK)
    windows["complete"] = ~((hygiene.weekdays_of(windows["slot"].to_numpy()) == 1) & (np.arange(len(windows)) < 2 * WEEK))
    codes = hygiene.why_left_out(windows, NOBODY, RULES)
    slots = windows["slot"].to_numpy()
    found = hygiene.withheld("a", slots, codes)
    assert found == [{"namespace": "a", "weekday": 0, "kept": 96, "dropped": 192, "reasons": {"incident": 192}}]
    assert 0 not in limits(windows, hygiene.without([0], slots, codes)).index


@pytest.mark.parametrize("number", [1, 95, 96, WEEK])
def test_one_week_or_less_has_nothing_to_compare_with(number: int) -> None:
    windows = weeks(50, 1, seed=1).head(number).assign(count=10_000)
    assert reasons(hygiene.why_left_out(windows, NOBODY, RULES)) == {}


def test_no_windows_have_no_codes() -> None:
    assert hygiene.why_left_out(weeks(1, 1, 1).head(0), NOBODY, RULES).size == 0


def test_namespaces_are_looked_at_one_by_one() -> None:
    first, second = weeks(50, 3, seed=1), weeks(0.2, 3, seed=2).assign(namespace="pcb-sit-02-app")
    both = pd.concat([first, second], ignore_index=True)
    codes = hygiene.why_left_out(both, NOBODY, RULES)
    apart = [hygiene.why_left_out(one, NOBODY, RULES) for one in (first, second)]
    assert codes.tolist() == np.concatenate(apart).tolist()

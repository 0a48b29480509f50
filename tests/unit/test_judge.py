from __future__ import annotations

from collections.abc import Callable
from datetime import date

import numpy as np
import pandas as pd
import pytest

from ailog.domain.detectors.judge import judge

STEP = pd.Timedelta(minutes=15)
LIVE = pd.Timestamp("2026-02-16T23:00Z")  # a Tuesday in Prague
DAY = 96


def drawn(rate: float, days: int, end: pd.Timestamp = LIVE, *, name: str = "orders", seed: int = 1, phi: float = 0.05) -> pd.DataFrame:
    """Counts that follow the day of Prague, twice as many at noon as at night, up to a time."""
    starts = pd.date_range(end - days * DAY * STEP, periods=days * DAY, freq="15min")
    local = starts.tz_convert("Europe/Prague")
    mean = rate * (1 + 0.33 * np.sin((local.hour + local.minute / 60 - 6) / 12 * np.pi))
    rng = np.random.default_rng(seed)
    counts = rng.poisson(mean * rng.gamma(1 / phi, phi, len(starts))) if rate else np.zeros(len(starts), int)
    return pd.DataFrame({"namespace": name, "window_start": starts, "count": counts})


def split(counts: pd.DataFrame, at: pd.Timestamp = LIVE) -> tuple[pd.DataFrame, pd.DataFrame]:
    return counts[counts["window_start"] < at], counts[counts["window_start"] >= at]


def times(counts: pd.DataFrame, factor: float, start: pd.Timestamp, windows: int) -> pd.DataFrame:
    """The counts, multiplied in some windows."""
    found = counts.copy()
    inside = (found["window_start"] >= start) & (found["window_start"] < start + windows * STEP)
    found.loc[inside, "count"] = (found.loc[inside, "count"] * factor).round().astype(int)
    return found


def flags(counts: pd.DataFrame, at: pd.Timestamp = LIVE, **settings: object) -> list[pd.Timestamp]:
    verdicts = judge(*split(counts, at), **settings)  # type: ignore[arg-type]
    return verdicts.loc[verdicts["flagged"], "window_start"].tolist()


def alarms(found: list[pd.Timestamp]) -> int:
    return sum(1 for place, one in enumerate(found) if place == 0 or one - found[place - 1] > 2 * STEP)


MONTH = drawn(20, 31, LIVE + 3 * DAY * STEP)


def test_an_incident_is_flagged_at_once_and_nothing_else_is() -> None:
    start = LIVE + 130 * STEP
    found = flags(times(MONTH, 8, start, 4))
    assert found[0] == start
    assert set(found) <= set(pd.date_range(start, periods=5, freq="15min"))
    assert flags(MONTH) == []


def test_the_answer_says_what_was_usual() -> None:
    verdicts = judge(*split(times(MONTH, 8, LIVE + 130 * STEP, 4)))
    assert verdicts.columns.tolist() == ["namespace", "window_start", "flagged", "score", "reason"]
    assert len(verdicts) == 3 * DAY
    assert (verdicts.loc[~verdicts["flagged"], "reason"] == "").all()
    assert verdicts.loc[verdicts["flagged"], "reason"].str.contains("usual at this time").all()


def two_series() -> pd.DataFrame:
    end = LIVE + 2 * DAY * STEP
    busy = times(drawn(20, 18, end), 6, LIVE + 40 * STEP, 60)
    return pd.concat([busy, times(drawn(2, 18, end, name="sparse", seed=5), 9, LIVE + 100 * STEP, 3)], ignore_index=True)


@pytest.mark.parametrize("windows", [1, 7, 41, 96, 140, 191])
def test_nothing_looks_ahead(windows: int) -> None:
    history, live = split(two_series())
    whole = judge(history, live)
    assert whole["flagged"].sum() > 5
    until = LIVE + windows * STEP
    piece = judge(history, live[live["window_start"] < until])
    expected = whole[whole["window_start"] < until].reset_index(drop=True)
    pd.testing.assert_frame_equal(piece, expected, rtol=1e-9)


def test_row_order_is_free() -> None:
    history, live = split(two_series())
    mixed = judge(history.sample(frac=1, random_state=1), live.sample(frac=1, random_state=2))
    pd.testing.assert_frame_equal(mixed, judge(history, live), rtol=1e-9)


def test_a_window_that_was_not_read_has_no_verdict_and_harms_no_other() -> None:
    rng = np.random.default_rng(4)
    event = times(MONTH, 8, LIVE + 130 * STEP, 4)
    holes = event[(rng.random(len(event)) > 0.05) & ~event["window_start"].between(LIVE - 200 * STEP, LIVE - 160 * STEP)]
    verdicts = judge(*split(holes))
    assert len(verdicts) == (holes["window_start"] >= LIVE).sum()
    assert alarms(verdicts.loc[verdicts["flagged"], "window_start"].tolist()) == 1


@pytest.mark.parametrize("level", [0, 1, 7, 400])
def test_a_constant_series_is_never_unusual(level: int) -> None:
    assert flags(MONTH.assign(count=level)) == []


def test_one_error_in_a_silent_series_is_no_alarm() -> None:
    counts = MONTH.assign(count=0)
    counts.loc[counts["window_start"] == LIVE + 50 * STEP, "count"] = 1
    assert flags(counts) == []


@pytest.mark.parametrize("seed", range(5))
def test_a_series_near_zero_does_not_alarm_on_single_errors(seed: int) -> None:
    counts = drawn(0.02, 42, seed=seed, end=LIVE + 14 * DAY * STEP)
    counts["count"] = counts["count"].clip(upper=1)
    found = flags(counts)
    assert alarms(found) <= 1  # two at a time may come by chance


def test_without_history_the_first_week_is_learned_from_and_not_judged() -> None:
    counts = times(drawn(20, 10, LIVE + 10 * DAY * STEP), 8, LIVE + 3 * DAY * STEP, 4)
    counts = times(counts, 8, LIVE + 9 * DAY * STEP, 4)
    verdicts = judge(counts.iloc[:0], counts)
    assert len(verdicts) == 10 * DAY
    found = verdicts.loc[verdicts["flagged"], "window_start"]
    assert found.min() >= LIVE + 7 * DAY * STEP
    assert LIVE + 9 * DAY * STEP in set(found)


@pytest.mark.parametrize("history_days", [0, 1, 30])
def test_nothing_live_gives_no_verdicts(history_days: int) -> None:
    history = drawn(20, history_days)
    verdicts = judge(history, MONTH.iloc[:0])
    assert verdicts.empty
    assert verdicts.columns.tolist() == ["namespace", "window_start", "flagged", "score", "reason"]


def test_a_single_window_of_history_and_of_live_is_judged_as_not_unusual() -> None:
    history, live = split(MONTH)
    assert not judge(history.tail(1), live.head(1))["flagged"].any()


@pytest.mark.parametrize(("change", "missing"), [("2026-03-28T23:00Z", 4), ("2026-10-24T22:00Z", -4)])
def test_the_day_follows_the_local_clock_over_a_change_of_it(change: str, missing: int) -> None:
    at = pd.Timestamp(change)  # midnight of the day on which the clock changes
    local = pd.date_range(at - 28 * DAY * STEP, periods=38 * DAY, freq="15min")
    hour = local.tz_convert("Europe/Prague").hour
    rng = np.random.default_rng(8)
    office = np.where((hour >= 8) & (hour < 17), 60, 4)
    counts = pd.DataFrame({"namespace": "office", "window_start": local, "count": rng.poisson(office)})
    verdicts = judge(*split(counts, at))
    day = verdicts["window_start"].dt.tz_convert("Europe/Prague").dt.date
    assert (day == date(at.year, at.month, 29 if missing > 0 else 25)).sum() == DAY - missing
    assert verdicts["flagged"].sum() == 0
    assert flags(times(counts, 6, at + 5 * STEP, 3), at) != []


@pytest.mark.parametrize("zone", ["Europe/Prague", "UTC"])
def test_a_nightly_job_is_usual_by_local_time_and_by_universal_time(zone: str) -> None:
    at = pd.Timestamp("2026-03-26T23:00Z")
    counts = drawn(5, 40, at + 9 * DAY * STEP)
    clock = counts["window_start"].dt.tz_convert(zone)
    job = (clock.dt.hour == 2) & (clock.dt.minute == 30)
    counts.loc[job, "count"] += np.random.default_rng(3).poisson(80, int(job.sum()))
    assert flags(counts, at) == []
    grown = counts.copy()
    grown.loc[job & (clock.dt.date == date(2026, 4, 2)), "count"] *= 12
    assert alarms(flags(grown, at)) == 1


def test_a_namespace_that_appears_is_learned_for_a_week_and_one_that_vanishes_ends() -> None:
    gone = drawn(20, 20, LIVE - 5 * DAY * STEP, name="gone")
    fresh = drawn(20, 10, LIVE + 10 * DAY * STEP, name="fresh", seed=9)
    fresh = times(times(fresh, 9, LIVE + 2 * DAY * STEP, 4), 9, LIVE + 9 * DAY * STEP, 4)
    verdicts = judge(gone, fresh)
    assert set(verdicts["namespace"]) == {"fresh"}
    found = verdicts.loc[verdicts["flagged"], "window_start"]
    assert found.min() >= LIVE + 7 * DAY * STEP
    assert LIVE + 9 * DAY * STEP in set(found)


def test_a_year_of_history_is_learned_from() -> None:
    counts = times(drawn(20, 367, LIVE + 2 * DAY * STEP), 8, LIVE + 130 * STEP, 4)
    assert alarms(flags(counts)) == 1


@pytest.mark.parametrize("factor", [10, 0])
def test_a_week_long_outage_in_history_changes_nothing(factor: int) -> None:
    counts = times(MONTH, 8, LIVE + 130 * STEP, 4)
    assert flags(times(counts, factor, LIVE - 9 * DAY * STEP, 7 * DAY)) == flags(counts)


def test_a_level_that_stays_is_reported_once_and_then_normal() -> None:
    counts = drawn(20, 42, LIVE + 14 * DAY * STEP)
    start = LIVE + 40 * STEP
    found = flags(times(counts, 3, start, 14 * DAY))
    assert start <= found[0] <= start + 4 * STEP
    assert alarms([one for one in found if one < start + DAY * STEP]) == 1
    assert alarms([one for one in found if one >= start + DAY * STEP]) <= 1  # one in two weeks may come by chance


def test_an_incident_after_a_new_level_is_found() -> None:
    counts = drawn(20, 42, LIVE + 14 * DAY * STEP)
    later = LIVE + 6 * DAY * STEP
    found = flags(times(times(counts, 3, LIVE + 40 * STEP, 14 * DAY), 5, later, 4))
    assert later in found


def test_holidays_are_judged_as_sundays() -> None:
    at = pd.Timestamp("2026-01-31T23:00Z")
    counts = drawn(30, 35, at + 7 * DAY * STEP)
    local = counts["window_start"].dt.tz_convert("Europe/Prague")
    work = local.dt.day_of_week < 5
    counts.loc[work, "count"] //= 6
    free = local.dt.date == date(2026, 2, 3)  # a Tuesday like a Sunday, when six times as much comes
    counts.loc[free, "count"] *= 6

    def on_the_day(found: list[pd.Timestamp]) -> int:
        return sum(one.tz_convert("Europe/Prague").date() == date(2026, 2, 3) for one in found)

    assert on_the_day(flags(counts, at)) > 20
    assert on_the_day(flags(counts, at, holidays=[date(2026, 2, 3)])) == 0


def with_count(value: object) -> Callable[[pd.DataFrame], pd.DataFrame]:
    return lambda live: live.assign(count=live["count"].astype(object).where(live.index != live.index[3], value))


@pytest.mark.parametrize(
    ("spoil", "told"),
    [
        (with_count(np.nan), "no number"),
        (with_count(np.inf), "no number"),
        (with_count("many"), "no number"),
        (with_count(-3), "-3 is less than nothing"),
        (lambda live: live.assign(window_start=live["window_start"].dt.tz_localize(None)), "no time zone"),
        (lambda live: live.assign(window_start=live["window_start"] + pd.Timedelta(seconds=1)), "not a quarter of an hour"),
        (lambda live: live.assign(window_start=live["window_start"] + pd.Timedelta(milliseconds=1)), "not a quarter of an hour"),
        (lambda live: live.assign(window_start="noon"), "no time"),
        (lambda live: pd.concat([live, live.head(1)]), "two counts"),
        (lambda live: live.drop(columns="count"), "count"),
    ],
)
def test_bad_input_is_named(spoil: Callable[[pd.DataFrame], pd.DataFrame], told: str) -> None:
    history, live = split(MONTH)
    with pytest.raises(ValueError, match=told):
        judge(history, spoil(live))


@pytest.mark.parametrize("budget", [0, -1, float("nan")])
def test_a_budget_that_cannot_be_kept_is_refused(budget: float) -> None:
    with pytest.raises(ValueError, match="above 0"):
        judge(*split(MONTH), budget=budget)


def test_a_larger_budget_flags_no_less_and_is_kept() -> None:
    series = [drawn(rate, 42, LIVE + 14 * DAY * STEP, name=f"n{seed}", seed=seed) for seed, rate in enumerate([0.5, 3, 12, 40] * 3)]
    history, live = split(pd.concat(series, ignore_index=True))
    verdicts = {budget: judge(history, live, budget=budget, spend="all") for budget in (0.25, 1.0, 4.0)}
    actual = {}
    for budget, found in verdicts.items():
        told = found[found["flagged"]].groupby("namespace")["window_start"].apply(lambda one: alarms(one.tolist()))
        actual[budget] = told.sum() / (12 * 2)
    assert actual[0.25] <= actual[1.0] <= actual[4.0]
    assert actual[4.0] <= 1.5 * 4
    assert actual[1.0] <= 1.5

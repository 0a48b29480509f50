from __future__ import annotations

from dataclasses import fields

import numpy as np
import pandas as pd
import pytest

from ailog.domain.negative_binomial import log_upper_tail
from ailog.domain.norms import history
from ailog.domain.norms.apart import median, rough_phi, usual_mean
from ailog.domain.norms.batches import batches, jumps
from ailog.domain.norms.budget import GRID, alarms, solve
from ailog.domain.norms.fit import fit
from ailog.domain.norms.grid import SLOTS, Floats, to_grid
from ailog.domain.norms.history import Memory, lead
from ailog.domain.norms.walk import State

DAYS = 35
KIND = np.arange(DAYS) % 7


def days(rate: float | Floats = 20.0, *, series: int = 1, phi: float = 0.05, seed: int = 1) -> Floats:
    """Counts (series, 35, 96) around a mean."""
    rng = np.random.default_rng(seed)
    return rng.poisson(rng.gamma(1 / phi, phi, (series, DAYS, SLOTS)) * rate).astype(float)


def learned(counts: Floats):
    return fit(counts, np.isfinite(counts), KIND)


@pytest.mark.parametrize("rate", [0.05, 0.7, 6.0, 90.0])
@pytest.mark.parametrize("phi", [0.03, 0.4])
def test_level_and_dispersion_are_found(rate: float, phi: float) -> None:
    norm = learned(days(rate, series=8, phi=phi))
    assert np.median(norm.level) == pytest.approx(rate, rel=0.2)
    if rate * phi > 0.5:  # else chance hides it
        assert np.median(norm.phi) == pytest.approx(phi, rel=0.35)
    assert norm.profile.mean((1, 2)) == pytest.approx(1.0)


@pytest.mark.parametrize("rate", [0.05, 0.7, 6.0, 90.0])
@pytest.mark.parametrize(("start", "windows"), [(10, 2), (400, 40), (1000, 240), (1500, 670)])
def test_an_incident_in_history_teaches_nothing(rate: float, start: int, windows: int) -> None:
    counts = days(rate, series=8)
    spoiled = counts.copy().reshape(8, -1)
    spoiled[:, start : start + windows] = spoiled[:, start : start + windows] * 8 + 6
    clean, norm = learned(counts), learned(spoiled.reshape(counts.shape))
    assert norm.level == pytest.approx(clean.level, rel=0.25, abs=0.02)
    assert (norm.phi < 2 * clean.phi + 0.25).all()
    assert norm.profile.max() < 2 * clean.profile.max()


def test_steps_of_the_day_are_kept_sharp() -> None:
    office = np.where((np.arange(SLOTS) >= 36) & (np.arange(SLOTS) < 68), 60.0, 4.0)
    profile = learned(days(office)).profile[0, 2]
    assert profile[36] > 8 * profile[35]
    assert profile[67] > 8 * profile[68]


def test_a_level_that_stays_high_is_learned_within_days() -> None:
    counts = days(20)
    counts[:, -5:] *= 6
    assert learned(counts).level[0] == pytest.approx(120, rel=0.2)


def test_a_quiet_day_does_not_lower_the_level() -> None:
    counts = days(20)
    counts[:, -1] //= 4
    assert learned(counts).level[0] > 16


def test_days_of_a_dead_source_are_no_news() -> None:
    counts = days(20)
    counts[:, 20:27] = 0
    assert learned(counts).level[0] == pytest.approx(20, rel=0.1)


@pytest.mark.parametrize("present", [0.0, 0.03])
def test_nothing_or_almost_nothing_to_learn_from_is_finite(present: float) -> None:
    counts = np.where(np.random.default_rng(2).random((3, DAYS, SLOTS)) < present, 1.0, np.nan)
    norm = fit(counts, np.isfinite(counts), KIND)
    assert all(np.isfinite(getattr(norm, name)).all() for name in ("profile", "level", "phi", "spread"))


def job(counts: Floats, on: np.ndarray, slot: int = 10, size: float = 150.0) -> Floats:
    found = counts.copy()
    found[:, on, slot] += size
    return found


@pytest.mark.parametrize(
    ("on", "today", "usual"),
    [
        (np.arange(DAYS), 2, True),
        (np.flatnonzero(KIND == 2), 2, True),  # weekly, on its day
        (np.flatnonzero(KIND == 2), 5, False),
        (np.arange(DAYS - 3, DAYS), 0, True),  # new since three nights
        (np.array([9]), 2, False),  # once is an incident
    ],
)
def test_a_job_is_known_by_its_nights(on: np.ndarray, today: int, *, usual: bool) -> None:
    counts = job(days(5), on)
    hit = jumps(counts, rough_phi(counts))
    norm = fit(counts, ~hit, KIND)
    found = batches(counts, hit, norm, KIND, today)
    assert found.usual[0, 10] == usual
    assert not found.usual[0, 20:].any()
    assert norm.profile[0, 2, 10] < 2
    if usual:
        assert found.size[0, 10] * norm.level[0] == pytest.approx(155, rel=0.2)


def test_hours_of_an_incident_are_no_jump() -> None:
    counts = days(5)
    counts[0, 9, 30:70] += 40
    assert not jumps(counts, rough_phi(counts))[0, 9, 25:75].any()


def test_after_a_change_of_the_clock_a_job_may_have_kept_either_time() -> None:
    counts = job(days(5), np.arange(DAYS))
    hit = jumps(counts, rough_phi(counts))
    norm = fit(counts, ~hit, KIND)
    later = np.where(np.arange(DAYS) < 30, 4, 0)
    found = batches(counts, hit, norm, KIND, 2, later)
    assert found.usual[0, [10, 14]].all()
    assert not batches(counts, hit, norm, KIND, 2, np.zeros(DAYS, int)).usual[0, 14]


def grid_of(series: int, count_days: int = 12):
    starts = pd.date_range("2026-03-20T23:00Z", periods=count_days * SLOTS, freq="15min")
    rng = np.random.default_rng(6)
    rows = [
        pd.DataFrame({"namespace": f"n{one:03d}", "window_start": starts, "count": rng.poisson(1 + one, len(starts))})
        for one in range(series)
    ]
    return to_grid(pd.concat(rows, ignore_index=True), "Europe/Prague")


def test_series_do_not_depend_on_one_another_nor_on_how_many_are_learned_at_a_time(monkeypatch: pytest.MonkeyPatch) -> None:
    grid = grid_of(7)
    whole = lead(grid, Memory.none(7), State.new(7)).seen
    monkeypatch.setattr(history, "_TOGETHER", 3)
    parts = lead(grid, Memory.none(7), State.new(7)).seen
    for one in fields(whole):
        np.testing.assert_allclose(getattr(parts, one.name), getattr(whole, one.name), rtol=1e-9)


def test_memory_and_state_carry_on_from_day_to_day() -> None:
    grid = grid_of(4)
    whole = lead(grid, Memory.none(4), State.new(4)).seen.score
    memory, state = Memory.none(4), State.new(4)
    found = []
    for place in range(grid.days):
        part = grid.windows_of(place)
        day = type(grid)(
            grid.names,
            grid.start + part.start * pd.Timedelta(minutes=15),
            grid.counts[:, part],
            grid.day[part],
            grid.slot[part],
            grid.kind[place : place + 1],
        )
        found.append(lead(day, memory, state).seen.score)
    np.testing.assert_allclose(np.concatenate(found, axis=1), whole, rtol=1e-9)


def test_memory_is_bounded() -> None:
    memory = Memory.none(2)
    lead(grid_of(2, 70), memory, State.new(2))
    assert memory.counts.shape == (2, 56, SLOTS)
    assert len(memory.kind) == len(memory.offset) == 56


def test_flags_at_most_two_windows_apart_are_one_alarm() -> None:
    flags = np.array([[1, 1, 0, 0, 0, 1, 0, 1, 0, 0, 1]], bool)
    assert np.flatnonzero(alarms(flags)).tolist() == [0, 5, 10]
    joined = np.array([[1, 0, 1, 1, 0, 1]], bool)
    assert alarms(joined).sum() == 1


def noise(weeks: int, series: int = 40) -> tuple[Floats, np.ndarray]:
    rng = np.random.default_rng(3)
    score = rng.exponential(1.0, (series, 672 * weeks))
    return np.where(score > 2, score, 0.0), np.ones(score.shape, bool)


@pytest.mark.parametrize("budget", [0.25, 1.0, 4.0])
def test_the_limit_keeps_the_budget_on_scores_of_pure_chance(budget: float) -> None:
    score, judged = noise(4)
    solved = solve(score, judged, budget, spend="all")
    fresh, _ = noise(8)
    actual = alarms(fresh[:, 672 * 4 :] > solved.limit).sum() / (40 * 4)
    assert budget / 2 < actual < budget * 1.5


def test_incidents_do_not_move_the_limit_much() -> None:
    score, judged = noise(4)
    plain = solve(score, judged, 1.0, spend="all").limit
    rng = np.random.default_rng(5)
    score[rng.integers(0, 40, 300), rng.integers(0, score.shape[1], 300)] = rng.exponential(40, 300) + 8
    solved = solve(score, judged, 1.0, spend="all")
    assert solved.limit == pytest.approx(plain, abs=0.5)
    assert solved.incidents > 1


def test_without_history_the_limit_is_the_usual_one() -> None:
    solved = solve(np.zeros((3, 0)), np.zeros((3, 0), bool), 1.0)
    assert GRID[0] < 8.5 <= solved.limit <= 12
    assert solved.weeks == 0


def test_medians_leave_out_what_is_not_known() -> None:
    values = np.array([[np.nan, 3.0, 1.0, 2.0], [np.nan, np.nan, 4.0, 2.0], [np.nan] * 4])
    assert median(values)[:2].tolist() == [2.0, 3.0]
    assert np.isnan(median(values)[2])


def test_days_far_above_do_not_make_the_mean() -> None:
    events = np.full((1, 30), 4.0)
    events[0, 7:9] = 900
    assert usual_mean(events, np.full((1, 30), 96.0))[0] == pytest.approx(4 / 96, rel=0.6)


def test_tails_of_few_and_of_many_counts_are_the_same() -> None:
    rng = np.random.default_rng(7)
    count, mean, phi = rng.integers(1, 400, 300), rng.uniform(0.01, 200, 300), rng.uniform(0.004, 4, 300)
    one_by_one = np.concatenate([log_upper_tail(count[[at]], mean[[at]], phi[[at]]) for at in range(300)])
    np.testing.assert_allclose(log_upper_tail(count, mean, phi), one_by_one, rtol=1e-9, atol=1e-12)

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ailog.domain.scoring import CONTRIBUTIONS, FLAGS, named, score, severity_of, spike_share
from ailog.settings import Bands, Scoring

POINTS = Scoring()


@given(
    flags=st.dictionaries(st.sampled_from(FLAGS), st.floats(0, 1)),
    count=st.floats(0, 1e9),
    baseline=st.none() | st.floats(0, 1e6),
    windows=st.integers(1, 96),
    spike=st.floats(0, 100),
    limit_passed=st.booleans(),
)
def test_contributions_add_up_exactly(
    flags: dict[str, float], count: float, baseline: float | None, windows: int, spike: float, limit_passed: bool
) -> None:
    result = score(flags, count, baseline, Scoring(spike=spike), windows=windows, limit_passed=limit_passed)
    assert sum(result.contributions.values()) == result.total
    assert sum(reversed(result.contributions.values())) == result.total
    assert 0 <= result.total <= 100
    assert all(value >= 0 for name, value in result.contributions.items() if name not in ("few", "cap"))
    assert set(result.contributions) <= set(CONTRIBUTIONS)
    assert result.severity == severity_of(result.total, Bands())


def test_what_exceeds_a_hundred_is_a_named_contribution() -> None:
    result = score(FLAGS, 5000, 1, POINTS)
    assert result.total == 100
    assert result.contributions["cap"] < 0
    assert result.severity == "critical"


def test_a_quarter_hour_and_a_day_at_the_same_rate_score_alike() -> None:
    assert score(["spike"], 270, 28, POINTS) == score(["spike"], 270 * 96, 28, POINTS, windows=96)


@pytest.mark.parametrize(
    ("flags", "count", "baseline", "low", "high", "severity"),
    [
        ([], 0, None, 0, 0, "info"),
        (["new"], 3, None, 20, 25, "low"),
        (["spike"], 270, 28, 55, 60, "medium"),
        (["spike", "new"], 270, 28, 70, 76, "high"),
        (["silence"], 0, 200, 40, 40, "medium"),
        (["spike", "burst", "new"], 5000, 1, 100, 100, "critical"),
    ],
)
def test_findings_land_in_their_band(
    flags: list[str], count: float, baseline: float | None, low: float, high: float, severity: str
) -> None:
    result = score(flags, count, baseline, POINTS)
    assert low <= result.total <= high
    assert result.severity == severity


def test_a_tiny_baseline_gives_no_giant_ratio() -> None:
    assert "ratio" not in score(["new"], 1, 1e-13, POINTS).contributions
    assert score(["new"], 5, 1e-13, POINTS) == score(["new"], 5, 1, POINTS)
    assert score(["new"], 5, float("nan"), POINTS) == score(["new"], 5, None, POINTS)


def test_a_partly_worth_flag_earns_that_share() -> None:
    assert score({"new": 0.6}, 0, None, POINTS).contributions == {"new": 9.0}


@pytest.mark.parametrize(
    ("total", "severity"), [(80, "critical"), (79.75, "high"), (60, "high"), (40, "medium"), (20, "low"), (19, "info")]
)
def test_a_bound_belongs_to_the_higher_band(total: float, severity: str) -> None:
    assert severity_of(total, Bands()) == severity


@pytest.mark.parametrize(
    ("what", "value", "evidence", "threshold", "share"),
    [
        ("just past the margin", 40, {"score": 10.01, "alarm_limit": 10.0}, 30.0, 0.5),
        ("half as far again", 40, {"score": 15.0, "alarm_limit": 10.0}, 30.0, 0.75),
        ("twice the margin", 40, {"score": 20.0, "alarm_limit": 10.0}, 30.0, 1.0),
        ("far past it", 4000, {"score": 700.0, "alarm_limit": 10.0}, 30.0, 1.0),
        ("without a norm, just past the limit", 30.1, {"baseline": "no_history"}, 30.0, 0.5),
        ("without a norm, twice the limit", 60, {"baseline": "no_history"}, 30.0, 1.0),
        ("against no limit at all", 60, {}, None, 1.0),
        ("against a limit of zero", 60, {}, 0.0, 1.0),
        ("against an unknown limit", 60, {}, float("nan"), 1.0),
    ],
)
def test_a_spike_is_graded_by_how_far_it_is_past_the_margin(
    what: str, value: float, evidence: dict[str, float], threshold: float | None, share: float
) -> None:
    assert spike_share(value, evidence, threshold) == pytest.approx(share, abs=0.006), what


@pytest.mark.parametrize(
    ("what", "flags", "count", "baseline", "limit_passed", "severities"),
    [
        ("twenty times the usual, 2,000 errors", {"spike": 1.0}, 2000, 100, True, ("high", "critical")),
        ("the same by night, within the weekday's limit", {"spike": 1.0}, 2000, 100, False, ("high", "critical")),
        ("and new", {"spike": 1.0, "new": 1.0}, 2000, 100, True, ("critical",)),
        ("twice the usual, just past the margin", {"spike": 0.5}, 120, 60, True, ("medium",)),
        ("8 errors near zero, new", {"new": 1.0}, 8, 0.02, False, ("low",)),
        ("8 errors near zero, a spike past its limit", {"spike": 1.0}, 8, 0.02, True, ("low", "medium")),
        ("8 errors near zero, everything at once", dict.fromkeys(FLAGS[:6], 1.0), 8, 0.02, True, ("high",)),
        ("19 errors near zero, back after a fix", {"spike": 1.0, "regression": 1.0}, 19, 0.02, True, ("high",)),
        ("20 errors near zero, back after a fix", {"spike": 1.0, "regression": 1.0}, 20, 0.02, True, ("critical",)),
        ("silence, where hundreds are usual", {"silence": 1.0}, 0, 300, False, ("medium",)),
    ],
)
def test_severities_that_people_would_give(
    what: str, flags: dict[str, float], count: float, baseline: float, limit_passed: bool, severities: tuple[str, ...]
) -> None:
    result = score(flags, count, baseline, POINTS, limit_passed=limit_passed)
    assert result.severity in severities, f"{what}: {result}"
    assert sum(result.contributions.values()) == result.total


def test_a_passed_limit_is_a_contribution_of_its_own() -> None:
    without, with_it = (score(["spike"], 270, 28, POINTS, limit_passed=passed) for passed in (False, True))
    assert with_it.total - without.total == with_it.contributions["limit"] == POINTS.limit
    assert "limit" not in without.contributions


def test_contributions_are_named_in_the_order_in_which_people_read_them() -> None:
    stored_anyhow = {"ratio": 1.0, "cap": -2.0, "spike": 3.0, "volume": 4.0, "limit": 5.0, "of_old": 6.0}
    assert [name for name, _ in named(stored_anyhow)] == ["volume", "spike", "limit", "ratio", "cap", "of_old"]


@pytest.mark.parametrize(("flags", "count", "windows"), [(["loud"], 1, 1), ([], -1, 1), ([], 1, 0), ([], float("nan"), 1)])
def test_what_cannot_be_scored_is_refused(flags: list[str], count: float, windows: int) -> None:
    with pytest.raises(ValueError, match=r"flag|scored"):
        score(flags, count, None, POINTS, windows=windows)

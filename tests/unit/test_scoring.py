from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ailog.domain.scoring import FLAGS, score, severity_of
from ailog.settings import Bands, Scoring

POINTS = Scoring()


@given(
    flags=st.dictionaries(st.sampled_from(FLAGS), st.floats(0, 1)),
    count=st.floats(0, 1e9),
    baseline=st.none() | st.floats(0, 1e6),
    windows=st.integers(1, 96),
    spike=st.floats(0, 100),
)
def test_contributions_add_up_exactly(flags: dict[str, float], count: float, baseline: float | None, windows: int, spike: float) -> None:
    result = score(flags, count, baseline, Scoring(spike=spike), windows=windows)
    assert sum(result.contributions.values()) == result.total
    assert sum(reversed(result.contributions.values())) == result.total
    assert 0 <= result.total <= 100
    assert all(value >= 0 for name, value in result.contributions.items() if name != "cap")


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


@pytest.mark.parametrize(("flags", "count", "windows"), [(["loud"], 1, 1), ([], -1, 1), ([], 1, 0), ([], float("nan"), 1)])
def test_what_cannot_be_scored_is_refused(flags: list[str], count: float, windows: int) -> None:
    with pytest.raises(ValueError, match=r"flag|scored"):
        score(flags, count, None, POINTS, windows=windows)

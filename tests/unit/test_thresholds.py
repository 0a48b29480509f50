from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pandas as pd
import pytest
from tests.support.judging import thresholds_frame, totals_frame

from ailog.domain.thresholds import Limit, limit_for, percentile_of, slots, train
from ailog.settings import Thresholds

MONDAY = datetime(2026, 3, 2, tzinfo=UTC)
QUARTER = timedelta(minutes=15)


def series(values: list[int], start: datetime = MONDAY, namespace: str = "pcb-sit-01-app") -> pd.DataFrame:
    return totals_frame([{"window_start": start + i * QUARTER, "namespace": namespace, "count": v} for i, v in enumerate(values)])


@pytest.mark.parametrize(
    ("values", "level", "expected"),
    [
        (range(100), 0.93, 93),  # floor(100 * 0.93) is 93, not the 92 that binary fractions may give
        (range(10), 0.93, 9),
        (range(14), 0.93, 13),
        (range(15), 0.93, 13),
        ([5], 0.93, 5),
        ([0, 0, 0, 7], 0.5, 0),
        (range(100), 0.999, 99),
        (range(100), 0.29, 29),
    ],
)
def test_percentile_is_an_element_at_the_floored_index_without_interpolation(values: range, level: float, expected: float) -> None:
    assert percentile_of(list(values)[::-1], level) == expected


def test_percentile_of_nothing_is_refused() -> None:
    with pytest.raises(ValueError, match="at least one value"):
        percentile_of([], 0.93)


def test_cap_is_the_mean_of_median_and_mean_of_the_weekdays_limits() -> None:
    days = [series([value] * 12, MONDAY + timedelta(days=day)) for day, value in enumerate([10, 20, 30, 100])]
    learnt = train(pd.concat(days), 0.93)
    cap = learnt[learnt["weekday"].isna()].iloc[0]
    # Two middle ones of 10, 20, 30, 100: median 25; mean 40.
    assert (cap["threshold"], cap["median"], cap["mean"], cap["maximum"], cap["samples"]) == (32.5, 25, 40, 100, 48)
    assert list(learnt["weekday"].dropna()) == [0, 1, 2, 3]


def test_training_keeps_its_figures_beside_each_limit() -> None:
    row = train(series([0] * 86 + list(range(10))), 0.93).iloc[0]
    assert (row["weekday"], row["threshold"], row["samples"], row["median"], row["maximum"]) == (0, 3, 96, 0, 9)
    assert row["mean"] == pytest.approx(45 / 96)


def test_weekday_is_that_of_utc() -> None:
    late = series([7] * 4, datetime(2026, 3, 2, 23, tzinfo=UTC))  # Tuesday already in Prague
    assert set(train(late, 0.93)["weekday"].dropna()) == {0}


def test_training_on_nothing_gives_no_limits() -> None:
    assert train(totals_frame([]), 0.93).empty


@pytest.mark.parametrize(
    ("namespace", "weekday", "expected"),
    [
        ("a", 1, Limit(61, "P93", 10)),
        ("a", 2, Limit(40, "CAP", 200)),  # nine samples teach nothing of their own
        ("a", 3, Limit(40, "CAP", 200)),
        ("b", 1, Limit(100, "default", 0)),
        ("c", 1, Limit(100, "default", 0)),  # too few samples and no CAP
    ],
)
def test_limit_falls_back_from_weekday_to_cap_to_default(namespace: str, weekday: int, expected: Limit) -> None:
    known = thresholds_frame([("a", 1, 61, 10), ("a", 2, 500, 9), ("a", None, 40, 200), ("c", 1, 3, 9)])
    assert limit_for(known, namespace, weekday, Thresholds()) == expected


def test_slots_hold_mean_deviation_and_samples_of_the_week() -> None:
    weeks = [series([value, 0], MONDAY + timedelta(weeks=week)) for week, value in enumerate([2, 4])]
    table = slots(pd.concat(weeks))
    assert table.to_dict("records") == [
        {"weekday": 0, "hour": 0, "quarter": 0, "namespace": "pcb-sit-01-app", "mean": 3.0, "stddev": 1.0, "samples": 2},
        {"weekday": 0, "hour": 0, "quarter": 1, "namespace": "pcb-sit-01-app", "mean": 0.0, "stddev": 0.0, "samples": 2},
    ]

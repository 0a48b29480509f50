from __future__ import annotations

from typing import Any

import pytest

from ailog.domain.budget_kept import WORDS, rated, total, worst_first


def row(told: int, useful: int = 0, not_useful: int = 0, *, weeks: float = 4.0, namespace: str = "a") -> dict[str, Any]:
    labels = {"told": told, "useful": useful, "not_useful": not_useful, "unlabelled": told - useful - not_useful}
    return {"namespace": namespace, "weeks": weeks, **labels}


@pytest.mark.parametrize(
    ("what", "given", "precision", "false", "most", "kept"),
    [
        ("nothing was told", row(0), None, 0.0, 0.0, "kept"),
        ("few, none labelled: kept whatever they are", row(4), None, 0.0, 1.0, "kept"),
        ("many, none labelled", row(5), None, 0.0, 1.25, "unknown"),
        ("many, all useful", row(20, 20), 1.0, 0.0, 0.0, "kept"),
        ("as many false ones as the budget allows", row(8, 4, 4), 0.5, 1.0, 1.0, "kept"),
        ("one more", row(9, 4, 5), 4 / 9, 1.25, 1.25, "over"),
        ("over by labels alone, whatever the others are", row(50, 0, 5), 0.0, 1.25, 12.5, "over"),
        ("less than a week", row(9, 0, 9, weeks=0.9), 0.0, 10.0, 10.0, "too early"),
        ("no window was judged", row(0, weeks=0.0), None, None, None, "too early"),
    ],
)
def test_rates_are_bounds_and_nothing_is_guessed(
    what: str, given: dict[str, Any], precision: float | None, false: float | None, most: float | None, kept: str
) -> None:
    found = rated(given, 1.0)
    assert found["precision"] == precision, what
    assert (found["false_per_week"], found["most_false_per_week"]) == (pytest.approx(false), pytest.approx(most)), what
    assert found["budget_kept"] == kept, what
    assert kept in WORDS


def test_the_worst_come_first_and_the_total_is_of_a_namespace_and_week() -> None:
    rows = [row(0, namespace="quiet"), row(40, 40, namespace="loud"), row(5, 0, 5, namespace="false"), row(3, 1, 2, namespace="some")]
    assert [one["namespace"] for one in worst_first(rows, 1.0)] == ["false", "some", "loud", "quiet"]
    whole = total(rows, 1.0)
    assert (whole["namespaces"], whole["told"], whole["weeks"]) == (4, 48, 16.0)
    assert whole["false_per_week"] == 7 / 16
    assert whole["precision"] == 41 / 48
    assert total([], 1.0)["budget_kept"] == "too early"

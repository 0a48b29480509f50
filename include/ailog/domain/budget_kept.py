"""The budget of false alarms against what people said: rates of a week, precision, and whether the budget was kept.

Only a person knows a false alarm. What nobody labelled may be one or not, so rates are bounds, and precision is unknown without labels.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Final, Literal

Kept = Literal["over", "kept", "unknown", "too early"]
WORDS: Final[dict[str, str]] = {
    "over": "people called more of them false than the budget allows",
    "kept": "even if all that nobody labelled are false",
    "unknown": "too many are not labelled",
    "too early": "less than a week was judged",
}

Row = dict[str, Any]


def rated(row: Mapping[str, Any], budget: float) -> Row:
    """A row with told, useful, not_useful, unlabelled and weeks, and what follows from them.

    ``told_per_week``; ``precision`` of the labelled, None where there are none; ``false_per_week``, those that people called false, and
    ``most_false_per_week``, with those that nobody labelled; ``budget_kept``.
    """
    weeks = float(row["weeks"])
    labelled = row["useful"] + row["not_useful"]
    least, most = (amount / weeks if weeks else None for amount in (row["not_useful"], row["not_useful"] + row["unlabelled"]))
    return {
        **row,
        "told_per_week": row["told"] / weeks if weeks else None,
        "precision": row["useful"] / labelled if labelled else None,
        "false_per_week": least,
        "most_false_per_week": most,
        "budget_kept": _kept(weeks, least, most, budget),
    }


def worst_first(rows: Iterable[Mapping[str, Any]], budget: float) -> list[Row]:
    """All rows rated: those over the budget first, then by what people called false, then by how much was told."""
    found = [rated(row, budget) for row in rows]
    return sorted(found, key=lambda row: (row["budget_kept"] != "over", -row["not_useful"], -row["told"], row["namespace"]))


def total(rows: Iterable[Mapping[str, Any]], budget: float) -> Row:
    """The sums over namespaces; rates are of a namespace and week, as the budget is."""
    every = list(rows)
    sums = {name: sum(row[name] for row in every) for name in ("weeks", "told", "useful", "not_useful", "unlabelled")}
    return {"namespaces": len(every), **rated(sums, budget)}


def _kept(weeks: float, least: float | None, most: float | None, budget: float) -> Kept:
    if least is None or most is None or weeks < 1:
        return "too early"
    if least > budget:
        return "over"
    return "kept" if most <= budget else "unknown"

"""How one threshold snapshot differs from another, by what would be held against each namespace on each weekday."""

from __future__ import annotations

import math
from typing import Any, Final

import pandas as pd

from ailog.domain.thresholds import WEEKDAYS, Limits
from ailog.domain.wording import counted, listing, number, ranked
from ailog.settings import Thresholds

WILD: Final = 3.0
"""A limit that grew or fell by more than this factor is worth a word."""
_TOLD: Final = 10

Change = dict[str, Any]


def changes(old: pd.DataFrame, new: pd.DataFrame, settings: Thresholds) -> list[Change]:
    """Per namespace that both know and weekday whose limit differs: namespace, weekday, old, old_rule, new, new_rule, change, percent.

    The largest change by factor comes first. ``percent`` is None where the old limit is 0. Limits are those that judging would use, so a
    weekday that only one of them has is compared with the other's CAP.
    """
    before, after = Limits(old, settings), Limits(new, settings)
    found: list[Change] = []
    for namespace in sorted(set(old["namespace"]) & set(new["namespace"])):
        for weekday in range(7):
            was, now = before.of(namespace, weekday), after.of(namespace, weekday)
            if was.value != now.value:
                percent = (now.value / was.value - 1) * 100 if was.value else None
                found.append(
                    {
                        "namespace": namespace, "weekday": weekday, "old": was.value, "old_rule": was.rule, "new": now.value,
                        "new_rule": now.rule, "change": now.value - was.value, "percent": percent,
                    }
                )  # fmt: skip
    return sorted(found, key=lambda row: (-_size(row), row["namespace"], row["weekday"]))


def compare(old: pd.DataFrame, new: pd.DataFrame, settings: Thresholds) -> dict[str, Any]:
    """``changes``, namespaces ``gained`` and ``lost``, and the number of limits that stayed (``unchanged``)."""
    was, now = set(old["namespace"]), set(new["namespace"])
    found = changes(old, new, settings)
    return {
        "changes": found,
        "gained": sorted(now - was),
        "lost": sorted(was - now),
        "unchanged": 7 * len(was & now) - len(found),
    }


def wild(found: list[Change]) -> list[Change]:
    """The changes by more than ``WILD``, up or down, of limits that matter at all (10 or more, before or after)."""
    return [row for row in found if _size(row) > math.log(WILD) and max(row["old"], row["new"]) >= 10]


def lines(compared: dict[str, Any]) -> list[str]:
    """The comparison in words, for a log."""
    found = compared["changes"]
    said = [f"{counted(len(found), 'limit')} changed, {compared['unchanged']} stayed"]
    said += [f"{name}: {listing(ranked(compared[name]), _TOLD)}" for name in ("gained", "lost") if compared[name]]
    said += [line(row) for row in found[:_TOLD]]
    return said + ([f"and {len(found) - _TOLD} smaller changes"] if len(found) > _TOLD else [])


def line(row: Change) -> str:
    """One change in words."""
    percent = "" if row["percent"] is None else f" ({row['percent']:+.0f} %)"
    return f"{row['namespace']}, {WEEKDAYS[row['weekday']]}: {number(row['old'])} to {number(row['new'])}{percent}"


def _size(row: Change) -> float:
    return abs(math.log((row["new"] + 1) / (row["old"] + 1)))

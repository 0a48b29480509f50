"""Thresholds of namespace totals: P93 by weekday, CAP, and the rolling figures of the week's slots.

Grain, dimension and quantity are the same in training and judging: errors of a namespace in one quarter hour, weekday in UTC.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Final, Literal, NamedTuple

import numpy as np
import numpy.typing as npt
import pandas as pd

from ailog.settings import Thresholds

Rule = Literal["P93", "CAP", "default"]

WEEKDAYS: Final = ("Mondays", "Tuesdays", "Wednesdays", "Thursdays", "Fridays", "Saturdays", "Sundays")
_COLUMNS: Final = ["namespace", "weekday", "threshold", "samples", "median", "mean", "maximum"]


class Limit(NamedTuple):
    """What a namespace's total is held against, by which rule, and from how many windows it was learnt."""

    value: float
    rule: Rule
    samples: int


def percentile_of(values: npt.ArrayLike, level: float) -> float:
    """The element at index ``floor(n * level)`` of the sorted values, the last one at most; no interpolation.

    Raises ValueError when there are no values.
    """
    ordered = np.sort(np.asarray(values, dtype=float))
    if ordered.size == 0:
        raise ValueError("a percentile needs at least one value")
    # Decimal, because 0.93 * 100 in binary may fall just short of 93.
    index = min(int(Decimal(str(level)) * ordered.size), ordered.size - 1)
    return float(ordered[index])


def train(totals: pd.DataFrame, percentile: float) -> pd.DataFrame:
    """Learns the limits of every namespace.

    Args:
        totals: window_start (UTC), namespace, count; one row per complete window, zeros included. A window that is absent was not read.
        percentile: between 0 and 1; 0.93 gives P93.

    Returns:
        namespace, weekday (Int64; NA holds the CAP), threshold, samples, median, mean, maximum; sorted by namespace and weekday, CAP last.
        For a weekday median, mean and maximum are those of the windows; for a CAP those of the weekdays' thresholds.
        CAP = (median + mean of the weekdays' thresholds) / 2; the median of an even number is the mean of the two middle ones.
    """
    rows: list[tuple[str, int | None, float, int, float, float, float]] = []
    weekday = totals["window_start"].dt.tz_convert("UTC").dt.day_of_week
    counts = totals["count"].astype(float)
    by_namespace: dict[str, list[tuple[float, int]]] = {}
    for key, group in counts.groupby([totals["namespace"], weekday], sort=True):
        values = group.to_numpy()
        limit = percentile_of(values, percentile)
        name, day = str(key[0]), int(str(key[1]))
        rows.append((name, day, limit, len(values), float(np.median(values)), float(values.mean()), float(values.max())))
        by_namespace.setdefault(name, []).append((limit, len(values)))
    for namespace, learnt in by_namespace.items():
        limits = np.array([limit for limit, _ in learnt])
        median, mean = float(np.median(limits)), float(limits.mean())
        rows.append((namespace, None, (median + mean) / 2, sum(n for _, n in learnt), median, mean, float(limits.max())))
    table = pd.DataFrame(rows, columns=_COLUMNS)
    floats = dict.fromkeys(("threshold", "median", "mean", "maximum"), "float64")
    table = table.astype({"namespace": "str", "weekday": "Int64", "samples": "int64"} | floats)
    return table.sort_values(["namespace", "weekday"], na_position="last", ignore_index=True)


class Limits:
    """The limits of one snapshot, ready for many look-ups."""

    def __init__(self, thresholds: pd.DataFrame, settings: Thresholds) -> None:
        self._settings = settings
        self._known: dict[tuple[str, int | None], tuple[float, int]] = {
            (str(namespace), None if pd.isna(weekday) else int(weekday)): (float(threshold), int(samples))
            for namespace, weekday, threshold, samples in zip(
                thresholds["namespace"], thresholds["weekday"], thresholds["threshold"], thresholds["samples"], strict=True
            )
        }

    def of(self, namespace: str, weekday: int) -> Limit:
        """The weekday's own percentile when enough windows taught it, else the CAP, else the default."""
        own = self._known.get((namespace, weekday))
        if own is not None and own[1] >= self._settings.min_samples:
            return Limit(own[0], "P93", own[1])
        cap = self._known.get((namespace, None))
        if cap is not None:
            return Limit(cap[0], "CAP", cap[1])
        return Limit(self._settings.default, "default", 0)


def limit_for(thresholds: pd.DataFrame, namespace: str, weekday: int, settings: Thresholds) -> Limit:
    """The limit of one namespace on one UTC weekday (0 is Monday); for many look-ups keep a ``Limits``."""
    return Limits(thresholds, settings).of(namespace, weekday)


def slots(totals: pd.DataFrame) -> pd.DataFrame:
    """Mean, deviation and samples of every slot of the UTC week.

    Args:
        totals: as in ``train``.

    Returns:
        weekday, hour, quarter, namespace, mean, stddev (of the population; 0 for one sample), samples; one row per slot that was read.
    """
    start = totals["window_start"].dt.tz_convert("UTC")
    keyed = pd.DataFrame(
        {
            "weekday": start.dt.day_of_week.astype("int64"),
            "hour": start.dt.hour.astype("int64"),
            "quarter": (start.dt.minute // 15).astype("int64"),
            "namespace": totals["namespace"],
            "count": totals["count"].astype(float),
        }
    )
    grouped = keyed.groupby(["weekday", "hour", "quarter", "namespace"], sort=True)["count"]
    return pd.DataFrame({"mean": grouped.mean(), "stddev": grouped.std(ddof=0), "samples": grouped.size()}).reset_index()

"""What thresholds are not learnt from: windows that were not read whole, that were exceptional, or that tell nothing.

Each window is left out for one reason, the first that holds. Two reasons need other weeks to compare with, in stretches of two hours:

* ``no_data``: nothing at all was logged, at any level, where other weeks do log. It is a gap, not a quiet time.
* ``unlike_other_weeks``: the median of the stretch is beyond ``unlike_ratio`` times that of the same hours in other weeks: an outage that
  nobody flagged, or flagged only in part. The reference is the lower median over the weeks, so up to half of them may be bad; of the
  stretches beside it the highest counts, because a clock change moves a daily rhythm by an hour. With one week there is nothing to compare.

A level that really changed is learnt once it holds in more than half of the weeks.
"""

from __future__ import annotations

from itertools import pairwise
from typing import Final

import numpy as np
import numpy.typing as npt
import pandas as pd

from ailog.domain.calendar import Calendar
from ailog.settings_calendar import Hygiene

REASONS: Final = (
    "incomplete", "estimated", "incident", "maintenance", "holiday", "no_data", "unlike_other_weeks", "too_few_left",
)  # fmt: skip
"""Why a window is left out. ``too_few_left``: a good window of a weekday of which more was left out than kept."""
GAPS: Final = frozenset({"incomplete", "no_data"})
"""What was not seen; the other reasons speak of what was seen and is no norm."""

KEPT: Final = 0
_CODE: Final = {reason: number for number, reason in enumerate(REASONS, start=1)}
_STRETCH: Final = 8
_STRETCHES: Final = 96 // _STRETCH
_COLUMNS: Final = 7 * _STRETCHES
_ENOUGH: Final = _STRETCH // 2
_MONDAY: Final = 3
"""1970-01-01 was a Thursday: days since the epoch plus three, divided by seven, are weeks that begin on Monday."""

Codes = npt.NDArray[np.int8]
Slots = npt.NDArray[np.int64]


def why_left_out(windows: pd.DataFrame, calendar: Calendar, rules: Hygiene) -> Codes:
    """Why each window is left out of training.

    Args:
        windows: namespace, slot (start in quarter hours since the epoch), count, documents (NaN: unknown), complete, estimated, incident;
            sorted by namespace and slot.
        calendar: maintenance and holidays count.
        rules: the settings.

    Returns:
        One code a row: 0 is kept, ``n`` is ``REASONS[n - 1]``.
    """
    codes = np.zeros(len(windows), dtype=np.int8)
    for name, (low, high) in spans(windows["namespace"]).items():
        codes[low:high] = _of_one(name, windows.iloc[low:high], calendar, rules)
    return codes


def spans(names: pd.Series) -> dict[str, tuple[int, int]]:
    """Where each name begins and ends in a sorted column."""
    if names.empty:
        return {}
    numbers, found = pd.factorize(names)
    edges = [0, *(np.flatnonzero(np.diff(numbers)) + 1).tolist(), len(names)]
    return {str(found[numbers[low]]): (low, high) for low, high in pairwise(edges)}


def weekdays_of(slots: Slots) -> npt.NDArray[np.int64]:
    """The UTC weekday of windows, 0 is Monday."""
    return (slots // 96 + _MONDAY) % 7


def withheld(namespace: str, slots: Slots, codes: Codes) -> list[dict[str, object]]:
    """The weekdays of a namespace of which more windows were left out as no norm than kept: what is left is not to be trusted."""
    weekday = weekdays_of(slots)
    gaps = np.isin(codes, [_CODE[reason] for reason in GAPS])
    kept = np.bincount(weekday[codes == KEPT], minlength=7)
    dropped = np.bincount(weekday[(codes != KEPT) & ~gaps], minlength=7)
    found = []
    for day in np.flatnonzero(dropped > kept):
        own = codes[(weekday == day) & (codes != KEPT) & ~gaps]
        reasons = {REASONS[code - 1]: int(n) for code, n in zip(*np.unique(own, return_counts=True), strict=True)}
        found.append(
            {"namespace": namespace, "weekday": int(day), "kept": int(kept[day]), "dropped": int(dropped[day]), "reasons": reasons}
        )
    return found


def without(weekdays: list[int], slots: Slots, codes: Codes) -> Codes:
    """The codes with what was kept of these weekdays left out too."""
    return np.where((codes == KEPT) & np.isin(weekdays_of(slots), weekdays), np.int8(_CODE["too_few_left"]), codes)


def _of_one(name: str, rows: pd.DataFrame, calendar: Calendar, rules: Hygiene) -> Codes:
    slots = rows["slot"].to_numpy(dtype=np.int64)
    codes = np.zeros(len(rows), dtype=np.int8)

    def leave(reason: str, mask: npt.NDArray[np.bool_]) -> None:
        codes[mask & (codes == KEPT)] = _CODE[reason]

    leave("incomplete", ~rows["complete"].to_numpy(dtype=bool))
    leave("estimated", rows["estimated"].to_numpy(dtype=bool))
    leave("incident", rows["incident"].to_numpy(dtype=bool))
    leave("maintenance", calendar.covered("maintenance", name, slots))
    if rules.holidays:
        leave("holiday", calendar.covered("holiday", name, slots))
    cells = _cells(slots)
    # What was flagged is part of the level all the same: of an outage that was flagged in part, the rest has to be seen.
    seen = (codes == KEPT) | (codes == _CODE["incident"])
    leave("no_data", _silent(cells, rows["documents"].to_numpy(dtype=float), seen)[cells])
    seen &= codes != _CODE["no_data"]
    leave("unlike_other_weeks", _unlike(cells, rows["count"].to_numpy(dtype=float), seen, rules)[cells])
    return codes


def _cells(slots: Slots) -> Slots:
    """The stretch of each window: week by week, each with its columns of weekday and time."""
    days = slots // 96 + _MONDAY
    cells: Slots = (days // 7 - days[0] // 7) * _COLUMNS + (days % 7) * _STRETCHES + slots % 96 // _STRETCH
    return cells


def _unlike(cells: Slots, counts: npt.NDArray[np.float64], seen: npt.NDArray[np.bool_], rules: Hygiene) -> npt.NDArray[np.bool_]:
    level = _medians(cells, counts, seen)
    usual = _usual(level)
    beside = np.fmax(usual, np.fmax(np.roll(usual, 1), np.roll(usual, -1)))
    limit = np.where(np.isnan(usual), np.inf, rules.unlike_ratio * np.maximum(beside, rules.unlike_floor))
    with np.errstate(invalid="ignore"):
        return (level > limit).ravel()


def _silent(cells: Slots, documents: npt.NDArray[np.float64], seen: npt.NDArray[np.bool_]) -> npt.NDArray[np.bool_]:
    known = seen & ~np.isnan(documents)
    level = _medians(cells, documents, known)
    usual = _usual(level)
    logs = np.minimum(usual, np.minimum(np.roll(usual, 1), np.roll(usual, -1))) >= 1
    anything = np.bincount(cells[known & (documents > 0)], minlength=level.size).reshape(level.shape) > 0
    silent: npt.NDArray[np.bool_] = (level == 0) & ~anything & logs
    return silent.ravel()


def _medians(cells: Slots, values: npt.NDArray[np.float64], seen: npt.NDArray[np.bool_]) -> npt.NDArray[np.float64]:
    """The lower median of each stretch, a row a week; NaN where less than half of the stretch was seen."""
    weeks = int(cells[-1]) // _COLUMNS + 1
    level = np.full(weeks * _COLUMNS, np.nan)
    if seen.any():
        cells, values = cells[seen], values[seen]
        ordered = np.lexsort((values, cells))
        named, starts, sizes = np.unique(cells[ordered], return_index=True, return_counts=True)
        middle = values[ordered][starts + (sizes - 1) // 2]
        level[named] = np.where(sizes >= _ENOUGH, middle, np.nan)
    return level.reshape(weeks, _COLUMNS)


def _usual(level: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """The lower median of each column over the weeks; NaN where fewer than two weeks say anything."""
    ordered = np.sort(level, axis=0)
    weeks = (~np.isnan(level)).sum(axis=0)
    return np.where(weeks >= 2, ordered[np.maximum(weeks - 1, 0) // 2, np.arange(level.shape[1])], np.nan)

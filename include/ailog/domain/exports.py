"""The standing tables of errors and peaks: what is known of every problem, from complete windows alone.

A volume is compared as a rate per complete window, so that a gap is neither a fall nor zero; what cannot be known is an empty cell.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Final

from ailog.domain import csvsafe
from ailog.domain.wording import cause_line, listing, one_line, ranked, spread_line

ERRORS_COLUMNS: Final = (
    "first_seen", "last_seen", "trend_2h_percent", "trend_24h_percent", "count_2h", "count_24h", "total", "severity", "root_cause",
    "behaviour", "namespaces", "apps", "key", "scope", "category", "status", "id", "flow", "class", "detail", "score", "ratio",
)  # fmt: skip
PEAKS_COLUMNS: Final = (
    "first_seen", "last_seen", "total_errors", "occurrences", "mean_per_peak", "trend_7d_percent", "periodicity", "root_cause",
    "behaviour", "namespaces", "apps", "test", "activity", "id",
)  # fmt: skip
_RISING, _FALLING = 1.2, 0.8
_WEEK: Final = timedelta(days=7)
_NAMES: Final = 10


def problem_id(problem_key: str) -> str:
    """Twelve hexadecimal digits that name a problem in both tables, the same in every run."""
    return hashlib.sha256(problem_key.encode("utf-8", "replace")).hexdigest()[:12]


def errors_table(rows: Sequence[Mapping[str, Any]], windows: Mapping[str, int]) -> str:
    """The CSV of errors; ``windows`` counts the complete windows in ``recent_2h``, ``before_2h``, ``recent_24h``, ``before_24h``."""
    return csvsafe.table(ERRORS_COLUMNS, [_error(row, windows) for row in rows])


def peaks_table(rows: Sequence[Mapping[str, Any]], windows: Mapping[str, int], as_of: datetime | None) -> str:
    """The CSV of peaks; ``windows`` holds the complete windows in ``recent_7d`` and ``before_7d``, ``as_of`` the end of the newest one."""
    return csvsafe.table(PEAKS_COLUMNS, [_peak(row, windows, as_of) for row in rows] if as_of else [])


def _error(row: Mapping[str, Any], windows: Mapping[str, int]) -> list[csvsafe.Cell]:
    apps = row["apps"] or {}
    return [
        row["first_seen"],
        row["last_seen"],
        _trend(row["recent_2h"], windows["recent_2h"], row["before_2h"], windows["before_2h"]),
        _trend(row["recent_24h"], windows["recent_24h"], row["before_24h"], windows["before_24h"]),
        row["recent_2h"] if windows["recent_2h"] else None,
        row["recent_24h"] if windows["recent_24h"] else None,
        row["total"],
        row["severity"],
        _cause(row["root_cause"]),
        spread_line(row["root_cause"], list(apps)),
        listing(ranked(row["namespaces"]), _NAMES),
        listing(ranked(apps), _NAMES),
        row["problem_key"],
        scope(len(row["namespaces"]), len(apps)),
        row["category"],
        row["status"],
        problem_id(row["problem_key"]),
        row["flow"],
        row["error_class"],
        one_line(row["sample"])[:500],
        row["score"],
        row["ratio"],
    ]


def _peak(row: Mapping[str, Any], windows: Mapping[str, int], as_of: datetime) -> list[csvsafe.Cell]:
    apps = row["apps"] or {}
    trend = _ratio(row["recent_7d"], windows["recent_7d"], row["before_7d"], windows["before_7d"])
    return [
        row["first_seen"],
        row["last_seen"],
        row["total"],
        row["occurrences"],
        round(row["total"] / row["occurrences"], 1),
        _percent(trend),
        periodicity(row["occurrences"], row["days"], row["span_days"], row["weekdays"]),
        _cause(row["root_cause"]),
        spread_line(row["root_cause"], list(apps)),
        listing(ranked(row["namespaces"]), _NAMES),
        listing(ranked(apps), _NAMES) if apps else None,
        None,  # whether it is test traffic is not known: facts do not keep who called
        activity(row["first_window"], row["last_window"], as_of, trend),
        problem_id(row["problem_key"]),
    ]


def scope(namespaces: int, apps: int) -> str:
    """How widely a problem is spread: SYSTEMIC (4 namespaces or 8 applications), CROSS_NS (2 namespaces), LOCAL."""
    if namespaces >= 4 or apps >= 8:
        return "SYSTEMIC"
    return "CROSS_NS" if namespaces >= 2 else "LOCAL"


def periodicity(occurrences: int, days: int, span_days: int, weekdays: int) -> str:
    """When peaks come: one-time (at most 2), daily (60 % of 3 days or more), weekly (at most 2 weekdays over 14 days), else sporadic."""
    if occurrences <= 2:
        return "one-time"
    if span_days >= 3 and days >= 0.6 * span_days:
        return "daily"
    return "weekly" if span_days >= 14 and weekdays <= 2 else "sporadic"


def activity(first: datetime, last: datetime, as_of: datetime, trend: float | None) -> str:
    """Whether peaks go on: inactive (unseen for a week), new (since a week), rising, falling, stable; empty when not known."""
    if last < as_of - _WEEK:
        return "inactive"
    if first >= as_of - _WEEK:
        return "new"
    if trend is None:
        return ""
    return "rising" if trend >= _RISING else "falling" if trend <= _FALLING else "stable"


def _ratio(recent: int, recent_windows: int, before: int, before_windows: int) -> float | None:
    """The rate per complete window against the rate before; None where either span was not read or there was nothing to compare with."""
    if not recent_windows or not before_windows or not before:
        return None
    return (recent / recent_windows) / (before / before_windows)


def _trend(recent: int, recent_windows: int, before: int, before_windows: int) -> float | None:
    return _percent(_ratio(recent, recent_windows, before, before_windows))


def _percent(ratio: float | None) -> float | None:
    return None if ratio is None else round((ratio - 1) * 100, 1)


def _cause(root_cause: Mapping[str, Any] | None) -> str | None:
    line = cause_line(root_cause)
    return None if line.startswith("unknown") else line

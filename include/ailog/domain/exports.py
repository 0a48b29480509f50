"""The standing tables of errors and peaks, and their CSV, JSON and Markdown.

A trend compares whole spans only. The last 2 hours, 24 hours or 7 days must be complete in full; they are compared with the mean of those
of the five 2-hour slots, or six days, before them that are complete in full (at least three), or with the week before (in full). Where that
cannot be done the cell is empty: a gap is neither a fall nor zero. Counts are of complete windows.
"""

from __future__ import annotations

import hashlib
import json
import math
import re
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from html import escape
from typing import Any, Final

from ailog.domain import csvsafe
from ailog.domain.wording import cause_line, clean, head, listing, one_line, ranked, spread_line, utc

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
_WINDOWS: Final = {"2h": 8, "24h": 96, "7d": 672}
_ENOUGH_SLOTS: Final = 3
_MD_SIGNS: Final = re.compile(r"[\\`*_{}\[\]#|~]")
MD_ROWS: Final = 500
"""Rows of a table in Markdown, which is for reading; CSV and JSON hold all."""

Cells = list[csvsafe.Cell]


def problem_id(row: Mapping[str, Any]) -> str:
    """The name of a problem in both tables: its record's id (``KP-000012``); without one twelve hexadecimal digits made from its key."""
    return str(row.get("problem_id") or hashlib.sha256(row["problem_key"].encode("utf-8", "replace")).hexdigest()[:12])


def peak_ids(row: Mapping[str, Any]) -> str:
    """The names of a row of peaks: the known peak that it is, where there is one, and the problem: ``PK-000003 KP-000012``."""
    return " ".join(filter(None, (row.get("peak_id"), problem_id(row))))


def errors_table(rows: Sequence[Mapping[str, Any]], windows: Mapping[str, Any]) -> list[Cells]:
    """The rows of the table of errors, with the columns ``ERRORS_COLUMNS``.

    ``windows`` is the row of ``sql/reports/spans``: how many complete windows ``recent_2h`` and ``recent_24h`` hold, and the whole slots
    ``slots_2h`` and ``slots_24h`` that ``before_2h`` and ``before_24h`` of the rows are sums over.
    """
    return [_error(row, windows) for row in rows]


def peaks_table(rows: Sequence[Mapping[str, Any]], windows: Mapping[str, Any], as_of: datetime | None) -> list[Cells]:
    """The rows of the table of peaks, with ``PEAKS_COLUMNS``; ``as_of`` is the end of the newest complete window, None without one."""
    return [_peak(row, windows, as_of) for row in rows] if as_of else []


def written(columns: Sequence[str], rows: Sequence[Cells], form: str) -> str:
    """A table as a file: ``csv``, ``json`` (a list of objects) or ``md`` (its first ``MD_ROWS`` rows, and how many more there are)."""
    if form == "csv":
        return csvsafe.table(columns, rows)
    if form == "json":
        listed = [{name: _plain(value) for name, value in zip(columns, row, strict=True)} for row in rows]
        return json.dumps(listed, indent=1, ensure_ascii=True, allow_nan=False) + "\n"
    lines = [f"| {' | '.join(columns)} |", f"|{' --- |' * len(columns)}"]
    lines += [f"| {' | '.join(_md(value) for value in row)} |" for row in rows[:MD_ROWS]]
    more = len(rows) - MD_ROWS
    return "\n".join(lines) + "\n" + (f"\n{more:,} more rows are in the table's CSV and JSON.\n" if more > 0 else "")


def _plain(value: csvsafe.Cell) -> str | int | float | bool | None:
    if isinstance(value, datetime):
        return utc(value)
    if isinstance(value, float) and not math.isfinite(value):
        return None
    return clean(value) if isinstance(value, str) else value


def _md(value: csvsafe.Cell) -> str:
    if not isinstance(value, str):
        return csvsafe.cell(value)
    return _MD_SIGNS.sub(r"\\\g<0>", escape(head(one_line(value), 300), quote=False))


def _error(row: Mapping[str, Any], windows: Mapping[str, int]) -> Cells:
    apps = row["apps"] or {}
    return [
        row["first_seen"],
        row["last_seen"],
        _percent(_against_slots(row, windows, "2h")),
        _percent(_against_slots(row, windows, "24h")),
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
        problem_id(row),
        row["flow"],
        row["error_class"],
        one_line(row["sample"])[:500],
        row["score"],
        row["ratio"],
    ]


def _peak(row: Mapping[str, Any], windows: Mapping[str, int], as_of: datetime) -> Cells:
    apps = row["apps"] or {}
    trend = _against_week(row, windows)
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
        peak_ids(row),
    ]


def scope(namespaces: int, apps: int) -> str:
    """How widely a problem is spread: SYSTEMIC (4 namespaces or 8 applications), CROSS_NS (2 namespaces), LOCAL."""
    if namespaces >= 4 or apps >= 8:
        return "SYSTEMIC"
    return "CROSS_NS" if namespaces >= 2 else "LOCAL"


def periodicity(occurrences: int, days: int, span_days: int, weekdays: int) -> str:
    """When peaks come: one-time, daily, weekly or sporadic.

    One-time is at most 2 windows, or one day; daily 60 % of 3 days or more; weekly at most 2 weekdays over 14 days.
    """
    if occurrences <= 2 or days <= 1:
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


def _against_slots(row: Mapping[str, Any], windows: Mapping[str, Any], span: str) -> float | None:
    """The newest span against the mean of the whole ones before it; None where it cannot be known or there was nothing to compare with."""
    slots = len(windows[f"slots_{span}"])
    before = float(row[f"before_{span}"])
    if windows[f"recent_{span}"] < _WINDOWS[span] or slots < _ENOUGH_SLOTS or not before:
        return None
    return float(row[f"recent_{span}"]) / (before / slots)


def _against_week(row: Mapping[str, Any], windows: Mapping[str, Any]) -> float | None:
    whole = windows["recent_7d"] == windows["before_7d"] == _WINDOWS["7d"]
    before = float(row["before_7d"])
    return float(row["recent_7d"]) / before if whole and before else None


def _percent(ratio: float | None) -> float | None:
    return None if ratio is None else round((ratio - 1) * 100, 1)


def _cause(root_cause: Mapping[str, Any] | None) -> str | None:
    line = cause_line(root_cause)
    return None if line.startswith("unknown") else line

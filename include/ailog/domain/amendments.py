"""What reading windows again changed of an incident: the state before and after, and the difference in words.

Compared is what an incident holds in the windows that were read again, day by day, so that what other windows add is no amendment.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final

import pandas as pd

from ailog.domain.events import WINDOW
from ailog.domain.scoring import FLAGS
from ailog.domain.wording import counted, number
from ailog.settings import SEVERITIES

_Key = tuple[str, date]
_Cell = tuple[datetime, str, str]


@dataclass(frozen=True, slots=True)
class State:
    """An incident in some windows: how many of them, its events, worst severity and score, and flags in the order of ``FLAGS``."""

    windows: int = 0
    events: int = 0
    severity: str | None = None
    score: float | None = None
    flags: tuple[str, ...] = ()


NOTHING: Final = State()


@dataclass(frozen=True, slots=True)
class Earlier:
    """What an earlier reading by the same run found, for amendments that add up: the state before it and the late events since."""

    before: State
    late: int


def amendments(
    before: pd.DataFrame, after: pd.DataFrame, late: Mapping[_Cell, int], earlier: Mapping[_Key, Earlier]
) -> tuple[list[dict[str, Any]], list[_Key]]:
    """The amendments of one run.

    Args:
        before: windows of incidents (incident_id, window_start, namespace, problem_key, original_value, severity, score, ``is_`` flags)
            as they were in the windows that were read again.
        after: the same windows as they are now.
        late: by window, namespace and problem, how many events more (or, below zero, fewer) are counted now.
        earlier: what the same run is on record with, by incident and day: a repetition that finds more adds to it.

    Returns:
        The columns of ``incident_amendments`` without the run, by incident and day; and the records of ``earlier`` to replace: those of
        the incidents named by rows, and those that a repetition took back.
    """
    old, new = _by_incident(before), _by_incident(after)
    found: list[dict[str, Any]] = []
    replaced: list[_Key] = []
    for key in sorted({*old, *new}):
        rows = [*old.get(key, ()), *new.get(key, ())]
        cells = {(row["window_start"], row["namespace"], row["problem_key"]) for row in rows}
        came = sum(late.get(cell, 0) for cell in cells)
        was, now = _state(old.get(key, ())), _state(new.get(key, ()))
        if was == now and came == 0:
            continue
        if key in earlier:
            replaced.append(key)
            was, came = earlier[key].before, earlier[key].late + came
        if was != now or came != 0:
            found.append(_record(key, rows, was, now, came))
    return found, replaced


def _by_incident(peaks: pd.DataFrame) -> dict[_Key, list[dict[str, Any]]]:
    found: dict[_Key, list[dict[str, Any]]] = {}
    for row in peaks.to_dict("records"):
        named: dict[str, Any] = {str(name): value for name, value in row.items()}
        start = named["window_start"].to_pydatetime()
        found.setdefault((str(named["incident_id"]), start.date()), []).append({**named, "window_start": start})
    return found


def _state(rows: Sequence[Mapping[str, Any]]) -> State:
    if not rows:
        return NOTHING
    worst = max(rows, key=lambda row: (row["score"], SEVERITIES.index(row["severity"])))
    flags = tuple(flag for flag in FLAGS if any(row[f"is_{flag}"] for row in rows))
    return State(len(rows), sum(int(row["original_value"]) for row in rows), worst["severity"], float(worst["score"]), flags)


def _record(key: _Key, rows: Sequence[Mapping[str, Any]], was: State, now: State, late: int) -> dict[str, Any]:
    incident, day = key
    gained, lost = [f for f in now.flags if f not in was.flags], [f for f in was.flags if f not in now.flags]
    return {
        "incident_id": incident,
        "day": day,
        "namespace": rows[0]["namespace"],
        "problem_key": rows[0]["problem_key"],
        "window_from": min(row["window_start"] for row in rows),
        "window_to": max(row["window_start"] for row in rows) + WINDOW,
        "change": "opened" if was == NOTHING else "removed" if now == NOTHING else "changed",
        "late_events": late,
        "events_before": was.events,
        "events_after": now.events,
        "windows_before": was.windows,
        "windows_after": now.windows,
        "severity_before": was.severity,
        "severity_after": now.severity,
        "score_before": was.score,
        "score_after": now.score,
        "flags_before": list(was.flags),
        "flags_gained": gained,
        "flags_lost": lost,
        "words": words(was, now, late),
    }


def words(was: State, now: State, late: int) -> str:
    """The difference in one line, as in "+312 late events, medium → high"."""
    came = f"+{counted(late, 'late event')}" if late > 0 else f"{counted(-late, 'event')} fewer, deleted since" if late < 0 else ""
    if was == NOTHING:
        parts = [f"opened: {now.severity}, {counted(now.events, 'event')} in {counted(now.windows, 'window')}", came]
    elif now == NOTHING:
        parts = [f"no longer an incident: it was {was.severity} with {counted(was.events, 'event')}", came]
    else:
        parts = [came]
        if was.severity != now.severity:
            parts.append(f"{was.severity} → {now.severity}")
        elif was.score != now.score:
            parts.append(f"score {number(was.score or 0)} → {number(now.score or 0)}")
        if was.windows != now.windows:
            parts.append(f"{number(was.windows)} → {counted(now.windows, 'window')}")
        if was.events != now.events and now.events - was.events != late:
            parts.append(f"{number(was.events)} → {counted(now.events, 'event')} in windows of the incident")
        parts += [f"now {flag}" for flag in now.flags if flag not in was.flags]
        parts += [f"no longer {flag}" for flag in was.flags if flag not in now.flags]
    return ", ".join(part for part in parts if part)

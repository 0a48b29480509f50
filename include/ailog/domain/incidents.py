"""Incidents are episodes: the windows of one problem in one namespace that follow each other within the quiet time.

Everything about an incident that is counted is made anew from its windows and never incremented; everything that people or messages did
to it stays. So the same windows give the same incidents, however often and in however many runs they were read.
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from itertools import groupby
from operator import itemgetter
from typing import Any, Final

import pandas as pd

from ailog.domain.environment import environment_of
from ailog.domain.events import WINDOW
from ailog.domain.scoring import FLAGS

INCIDENT_COLUMNS: Final = (
    "incident_id", "problem_key", "namespace", "environment", "status", "opened_window", "last_window", "resolved_at", "resolved_by",
    "first_event", "last_event", "windows", "event_count", "peak_count", "estimated", "severity", "score", "contributions", "flags",
    "reason", "apps", "fingerprints", "sample", "root_cause", "known_issue_id", "verdict", "notified_window", "notified_severity",
    "notified_count",
)  # fmt: skip

BY_QUIET: Final = "quiet"
"""``resolved_by`` of an incident that ended because nothing more came."""

_BY_ITSELF: Final = frozenset({BY_QUIET, "amended"})
_SPACE: Final = uuid.UUID("6e0c6a3e-3d53-5b0e-9d3f-0f6b1f7f2a11")
_KEPT: Final = ("known_issue_id", "verdict", "notified_window", "notified_severity", "notified_count")

_Row = dict[str, Any]


def episodes(
    existing: pd.DataFrame, peak_rows: pd.DataFrame, *, quiet_minutes: int, analysed_until: datetime
) -> tuple[pd.DataFrame, pd.Series[str]]:
    """Divides windows into incidents.

    Args:
        existing: incidents of the touched problems and namespaces, as stored.
        peak_rows: **all** windows (``peak_investigation``) of every incident in ``existing``, and those of the touched problems and
            namespaces from the quiet time before the earliest change to the quiet time after the latest, new ones included. An optional
            column ``estimated`` marks windows whose counts come from a sample.
        quiet_minutes: two windows whose starts are at most this far apart belong together.
        analysed_until: end of the newest analysed window.

    Returns:
        ``INCIDENT_COLUMNS``, sorted by namespace, problem and opening; and the incident of each row of ``peak_rows``, by its index.
        An existing incident that overlaps an episode lends it its identity and what people and messages did to it; of several the
        earliest. One that a person resolved takes no window that closed later: what comes then is a new incident. One without a window
        left is absent from the answer.
    """
    quiet = timedelta(minutes=quiet_minutes)
    before: dict[tuple[str, str], list[_Row]] = {}
    for row in _records(existing):
        before.setdefault((row["namespace"], row["problem_key"]), []).append(row)
    assigned: dict[Any, str] = {}
    found: list[_Row] = []
    if len(peak_rows):
        every = [{**row, "_index": place} for place, row in zip(peak_rows.index, _records(peak_rows), strict=True)]
        every.sort(key=itemgetter("namespace", "problem_key", "window_start"))
        for (namespace, problem), group in groupby(every, key=itemgetter("namespace", "problem_key")):
            rows = list(group)
            known = sorted(before.get((namespace, problem), []), key=lambda row: (row["opened_window"], str(row["incident_id"])))
            for rows_of_one, old, identity in _identified(_split(rows, known, quiet), known, problem, namespace):
                found.append(_incident(rows_of_one, old, identity, quiet, pd.Timestamp(analysed_until)))
                assigned.update({row["_index"]: identity for row in rows_of_one})
    table = pd.DataFrame({name: pd.Series([row[name] for row in found], dtype=object) for name in INCIDENT_COLUMNS})
    for name in ("opened_window", "last_window", "resolved_at", "first_event", "last_event", "notified_window"):
        table[name] = pd.to_datetime(table[name], utc=True).astype("datetime64[us, UTC]")
    table = table.astype({"windows": "int64", "event_count": "int64", "peak_count": "int64", "score": "float64", "estimated": "bool"})
    return table, pd.Series([assigned[place] for place in peak_rows.index], index=peak_rows.index, dtype=object, name="incident_id")


def incident_id(problem: str, namespace: str, opened: datetime) -> str:
    """The identity of an incident that opens: the same problem, namespace and window give the same one."""
    return str(uuid.uuid5(_SPACE, f"{problem}\n{namespace}\n{pd.Timestamp(opened).tz_convert('UTC').isoformat()}"))


def _records(frame: pd.DataFrame) -> list[_Row]:
    """Rows with None for whatever is missing."""
    names = [str(name) for name in frame.columns]
    plain = (frame[name].astype(object).where(frame[name].notna(), None).tolist() for name in frame.columns)
    return [dict(zip(names, row, strict=True)) for row in zip(*plain, strict=True)]


def _closed_by_person(incident: Mapping[str, Any]) -> bool:
    return incident["status"] == "resolved" and incident["resolved_by"] is not None and incident["resolved_by"] not in _BY_ITSELF


def _closed_after(incident: Mapping[str, Any]) -> pd.Timestamp:
    """The last window that an incident resolved by a person may hold: those it had, and those that had ended when it was resolved."""
    last = pd.Timestamp(incident["last_window"])
    if incident["resolved_at"] is None:
        return last
    return max(last, pd.Timestamp(incident["resolved_at"]).floor("15min") - WINDOW)


def _split(rows: list[_Row], known: Sequence[_Row], quiet: timedelta) -> list[list[_Row]]:
    """Episodes in order: broken by quiet time, and where a person declared an incident over."""
    ends = [(pd.Timestamp(k["opened_window"]), _closed_after(k)) for k in known if _closed_by_person(k)]
    parts: list[list[_Row]] = []
    for row in rows:
        start = row["window_start"]
        last = parts[-1][-1]["window_start"] if parts else None
        declared_over = last is not None and any(opened <= last <= end < start for opened, end in ends)
        if last is None or start - last > quiet or declared_over:
            parts.append([])
        parts[-1].append(row)
    return parts


def _identified(parts: list[list[_Row]], known: Sequence[_Row], problem: str, namespace: str) -> list[tuple[list[_Row], _Row | None, str]]:
    """Each episode with the existing incident that it continues, if any, and its identity.

    An incident that was split goes to the episode that bears its name by its opening, else to the earliest that it overlaps.
    """
    names = [incident_id(problem, namespace, part[0]["window_start"]) for part in parts]
    owner: dict[int, _Row] = {}
    for incident in known:
        places = [
            place
            for place, part in enumerate(parts)
            if part[0]["window_start"] <= incident["last_window"] and part[-1]["window_start"] >= incident["opened_window"]
        ]
        own = [place for place in places if names[place] == str(incident["incident_id"])]
        for place in own or places:
            if place not in owner:
                owner[place] = incident
                break
    taken = {str(incident["incident_id"]) for incident in owner.values()}
    answer: list[tuple[list[_Row], _Row | None, str]] = []
    for place, part in enumerate(parts):
        old = owner.get(place)
        identity = str(old["incident_id"]) if old is not None else names[place]
        while old is None and identity in taken:
            identity = str(uuid.uuid5(_SPACE, identity))
        taken.add(identity)
        answer.append((part, old, identity))
    return answer


def _incident(rows: list[_Row], old: _Row | None, identity: str, quiet: timedelta, analysed_until: pd.Timestamp) -> _Row:
    first, last = rows[0], rows[-1]
    worst = max(rows, key=lambda row: (row["score"], -row["window_start"].value))
    apps: dict[str, int] = {}
    for row in rows:
        for app, count in (row["apps"] or {}).items():
            apps[app] = apps.get(app, 0) + int(count)
    counts = [int(row["original_value"]) for row in rows]
    kept = {name: None if old is None else old.get(name) for name in _KEPT}
    kept["verdict"] = kept["verdict"] or "provisional"
    return {
        "incident_id": identity,
        "problem_key": first["problem_key"],
        "namespace": first["namespace"],
        "environment": environment_of(first["namespace"]),
        **_state(old, last["window_start"] + WINDOW + quiet, analysed_until),
        "opened_window": first["window_start"],
        "last_window": last["window_start"],
        "first_event": min(row["first_event"] for row in rows),
        "last_event": max(row["last_event"] for row in rows),
        "windows": len(rows),
        "event_count": sum(counts),
        "peak_count": max(counts),
        "estimated": any(bool(row.get("estimated")) for row in rows) or bool(old and "estimated" not in first and old.get("estimated")),
        "severity": worst["severity"],
        "score": float(worst["score"]),
        "contributions": dict(worst.get("contributions") or {}),
        "flags": [flag for flag in FLAGS if any(row[f"is_{flag}"] for row in rows)],
        "reason": worst["reason"],
        "apps": dict(sorted(apps.items(), key=lambda item: (-item[1], item[0]))),
        "fingerprints": sorted({fingerprint for row in rows for fingerprint in row["fingerprints"]}),
        "sample": next((row["sample"] for row in (worst, *rows) if row["sample"]), ""),
        "root_cause": _best_cause([worst, *rows]),
        **kept,
    }


def _state(old: _Row | None, over_at: pd.Timestamp, analysed_until: pd.Timestamp) -> _Row:
    if old is not None and _closed_by_person(old):
        return {"status": "resolved", "resolved_at": old["resolved_at"], "resolved_by": old["resolved_by"]}
    if analysed_until >= over_at:
        return {"status": "resolved", "resolved_at": over_at, "resolved_by": BY_QUIET}
    acknowledged = old is not None and old["status"] == "acknowledged"
    return {"status": "acknowledged" if acknowledged else "open", "resolved_at": None, "resolved_by": None}


def _best_cause(rows: Sequence[_Row]) -> dict[str, Any]:
    """The cause with the highest confidence; of equals, that of the worst window, which comes first."""
    confidences = ("none", "low", "medium", "high")

    def rank(row: _Row) -> int:
        word = (row["root_cause"] or {}).get("confidence")
        return confidences.index(word) if word in confidences else 0

    best = max(rows, key=rank)["root_cause"]
    return dict(best or {})
